"""What the provider tells the office of its e-mails."""

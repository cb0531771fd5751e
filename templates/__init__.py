"""What letters, e-mails and pages look like. Data only."""

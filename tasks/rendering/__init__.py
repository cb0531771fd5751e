"""A letter as PDF, HTML, text and e-mails."""

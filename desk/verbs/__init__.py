"""What each verb of `letters` does and prints."""

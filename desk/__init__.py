"""Where people and other machines come in."""

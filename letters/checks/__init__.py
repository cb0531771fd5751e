"""What can be wrong with a letter, one small function a rule."""

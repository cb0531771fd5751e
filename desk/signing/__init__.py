"""The signing page: where an inspector reads a letter, decides, and enrols a passkey."""

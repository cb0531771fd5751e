"""What a letter is, and its rules. Pure: no input or output, no clock."""

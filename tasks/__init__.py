"""How each step of issuing a letter is done."""

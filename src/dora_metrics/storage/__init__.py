"""Where facts, decisions and tables lie, and how they are read back."""

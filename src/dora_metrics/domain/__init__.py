"""What the numbers are about: facts, judgements, periods and results. No I/O, no clock."""

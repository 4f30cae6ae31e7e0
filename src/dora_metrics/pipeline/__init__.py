"""The steps, one module each: they alone join I/O with pure code."""

"""From facts to judgements: pure functions, no I/O, no clock."""

"""From git to facts."""

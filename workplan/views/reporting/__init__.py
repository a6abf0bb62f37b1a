"""Pages of focal points."""

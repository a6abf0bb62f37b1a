"""Out: writers over rows × columns."""

"""How the installation itself is: whether it answers, its figures for monitoring programs, and its latest errors."""

"""Running apta for others: safe settings, what a start needs, and the processes that answer and send."""

"""Pages: parse, call one action or ask one question, show."""

"""The API under ``/api/v1/``: translates requests into questions and deeds, and answers and refusals into JSON."""

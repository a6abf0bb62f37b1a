"""The API under ``/api/v1/``: translates requests into questions and actions, and answers and refusals into JSON."""

"""History: events of activities, bodies and rounds, their wording, and differences between reports."""

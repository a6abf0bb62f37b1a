"""The administration site: plan, bodies and people are edited through the actions; histories are read."""

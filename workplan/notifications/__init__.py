"""Notifications: what is sent in the background."""

"""Signing in: authentication, and the addresses of the account pages."""

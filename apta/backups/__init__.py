"""Backups: database and uploaded files, consistent with each other, in a format that every database reads.

One archive holds the rows of every table as JSON lines, the uploaded files, and a manifest with the digest of each.
Nothing but apta is needed to restore it, and a backup of SQLite can be restored into PostgreSQL.
"""


class BackupProblem(Exception):
    """A backup cannot be made, read or restored; the message says why and what to do."""

"""What the administration site shows. Imported once the site exists, because these modules register on it."""

from workplan.admin import document, histories, people, tokens

__all__ = ["document", "histories", "people", "tokens"]

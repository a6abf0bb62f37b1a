"""How words and spellings are compared."""

from django.db.models import Q

from workplan.rules import composed, normalised


def contains_words(words: str, *fields: str) -> Q:
    """Every word of ``words`` occurs in at least one of ``fields``, whatever its case."""
    found = Q()
    for word in normalised(words).split():
        anywhere = Q()
        for field in fields:
            anywhere |= Q(**{f"{field}__icontains": word})
        found &= anywhere
    return found


def fold_spelling(spelling: str) -> str:
    """The form in which two spellings of a body are compared: "SOM- ED" and "som-ed" are one."""
    return "".join(composed(spelling).split()).casefold()

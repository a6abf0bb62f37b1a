"""Forms in the one form in which texts are kept, without the characters that no text can have."""

from typing import Any

from django.http import QueryDict

from workplan.rules import is_secret, normalised, readable


def readable_values(sent: QueryDict) -> QueryDict:
    """What was ``sent``, each text normalised before anybody counts its characters; itself where nothing changes.

    A password stays as it was typed, with U+FFFD in place of each character that no text can have.
    """
    found: Any = QueryDict(mutable=True, encoding=sent.encoding)
    for name, values in sent.lists():
        kept = readable if is_secret(name) else normalised
        found.setlist(readable(name), [kept(value) for value in values])
    if found == sent:
        return sent
    found._mutable = False
    return found  # type: ignore[no-any-return]

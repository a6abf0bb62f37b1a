"""What an answer says, for tests that read it."""

from typing import Any


def text(response: Any) -> str:
    """The content in one line, so that no line break of a template matters."""
    return " ".join(response.content.decode().split())

"""What tests of saved views share."""

import html
from typing import Any

from django.test import Client

from workplan.actions import Actor

CODE = "tip-2016-2020"


LIST, MATRIX, CSV = f"/plans/{CODE}/activities/", f"/plans/{CODE}/", f"/plans/{CODE}/activities.csv"


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def text_of(response: Any) -> str:
    return html.unescape(response.content.decode())


def refs(client: Client, query: str) -> list[str]:
    """The activities that the export gives for ``query``."""
    response: Any = client.get(f"{CSV}?{query}")
    assert response.status_code == 200
    lines = b"".join(response).decode("utf-8-sig").splitlines()
    return [line.split(",")[0] for line in lines[1:] if line[:2] in ("A.", "B.", "C.", "D.")]

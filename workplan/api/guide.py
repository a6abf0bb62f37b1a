"""The guide for programs: what to do first, and how, in three languages. It says nothing of any plan."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse

from apta.addresses import absolute_url
from workplan.api.errors import CODES
from workplan.api.pagination import MOST_ROWS, Pagination
from workplan.rules.scopes import SCOPES

LANGUAGES = {"curl": "curl", "python": "Python", "javascript": "JavaScript"}
# The sections, each with its words in ``sections/`` and, where it has some, its code in ``code/``.
SECTIONS = {
    "first-call": "The first call",
    "signing-in": "Signing in: tokens and scopes",
    "paging": "Paging",
    "unchanged": "Asking whether anything has changed",
    "writing": "Writing on condition of a version",
    "errors": "Errors",
    "limits": "Limits",
    "in-step": "Staying in step",
    "deprecation": "What stays, and what changes",
    "changelog": "What has changed",
}
WITHOUT_CODE = ("deprecation", "changelog")


@dataclass(frozen=True, slots=True)
class Code:
    """An example in one language.

    Attributes:
        language: of ``LANGUAGES``.
        label: the language as people call it.
        text: the whole of it, with the address of this installation.
    """

    language: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the guide."""

    key: str
    title: str
    examples: list[Code]

    @property
    def words(self) -> str:
        """The template of what it says."""
        return f"workplan/guide/sections/{self.key}.html"


def sections(base: str) -> list[Section]:
    """The parts of the guide, with examples that ask the API at ``base``."""
    return [
        Section(key, title, [] if key in WITHOUT_CODE else [_code(key, language, base) for language in LANGUAGES])
        for key, title in SECTIONS.items()
    ]


def _code(key: str, language: str, base: str) -> Code:
    text = render_to_string(f"workplan/guide/code/{key}.{language}.txt", {"base": base})
    return Code(language, LANGUAGES[language], text.strip())


def guide(request: HttpRequest) -> HttpResponse:
    """How programs read and write here."""
    base = absolute_url(reverse("api-index"), request)
    context = {
        "base": base,
        "sections": sections(base),
        "scopes": SCOPES,
        "codes": CODES,
        "page_size": Pagination.default_limit,
        "most_rows": MOST_ROWS,
    }
    return render(request, "workplan/guide/guide.html", context)

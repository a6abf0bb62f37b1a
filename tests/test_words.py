"""The standard terms of ``docs/glossary.md`` are used throughout: in names, file names, docstrings and descriptions.

Reads the code as text, so no database is needed. A name that is public keeps its older word and stands in
``PUBLIC`` with the reason.
"""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from workplan.api.schema import document

ROOT = Path(__file__).resolve().parent.parent
GLOSSARY = ROOT / "docs/glossary.md"

# An older word, as a whole word of a name in snake case or camel case, and the term to use.
TERMS = {
    "beside": "contribution, related",
    "besides": "also allowed",
    "chapter": "reporting period",
    "chapters": "reporting periods",
    "chronicle": "random history",
    "deed": "action, event",
    "deeds": "actions, events",
    "flow": "transitions",
    "happened": "events",
    "hindered": "blocked",
    "hindrances": "blockers",
    "house": "architecture, site",
    "news": "notification",
    "owed": "due",
    "owes": "due",
    "owing": "responsible body",
    "paint": "palette, chart colours",
    "paints": "palettes",
    "proof": "evidence item",
    "proofs": "evidence items",
    "silent": "non-reporting, non-response",
    "stage": "scenario",
    "staged": "scenario",
    "stories": "status histories",
    "story": "status history",
    "turn": "reporting window",
    "turns": "reporting windows",
    "unmoved": "unchanged",
}
# Of these, ordinary English in a sentence, such as the name of a test.
ORDINARY = {"beside", "happened", "hindered", "house", "news"}
# The same for whole names.
NAMES = {
    "the_round": "reporting_round",
    "looking_back": "as_of_selection",
    "known_at": "as_of",
    "as_known": "as_of_annotations",
    "told": "notified, shown",
    "trail": "audit_entries",
    "trails": "audit_entries",
    "standing": "current",
    "meant": "matching, summary",
    "why_not": "obstacle",
    "send_back": "return",
    "report_alike": "submit_bulk_report",
    "can_be_alike": "can_be_in_bulk_report",
    "MOVES": "STATUS_CHANGES",
    "MOVED": "CHANGED",
    "SAID": "REPORT_FIELDS",
}
# Names with an older word that other programs, addresses or the database use: they stay as they are.
PUBLIC = {
    "owed": "JSON: reports due and not begun in the counts of a round, and the field of the form of a bulk report",
    "flow": "JSON: status transitions in the answer of compare/",
    "silent": "parameter of activities: non-reporting for so many rounds",
    "told_until": "column of the table of followers: up to when they have been notified",
}
# Older words in docstrings, comments and descriptions. The JSON names of ``PUBLIC`` may be quoted.
PHRASES = re.compile(
    r"(?<![“`\"'])\b(deeds?|stor(?:y|ies)|chapters?|owed|owes|owing|unmoved|looking back|looked back|"
    r"carries what|what moved|whose turn|handed in|hands? in|(?<!audit )trail)\b(?![”`\"'])",
    re.IGNORECASE,
)

# Older words on pages and in mails; the term to use stands in docs/glossary.md.
ON_PAGES = re.compile(
    r"\b(more time|what moved|what happened|please mend|what i hear|mails sent|reading note|hear no more|handed in|"
    r"owes|ticked|nobody has|somebody else has)\b",
    re.IGNORECASE,
)


@cache
def sources() -> list[Path]:
    """All Python files but migrations, which keep the names that they were written with."""
    folders = ("apta", "workplan", "tests")
    files = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in files if "migrations" not in path.parts and path != Path(__file__)]


def words(name: str) -> set[str]:
    """The words of a name in snake case or camel case, in lower case."""
    return set(re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower().split("_"))


def is_older(name: str) -> bool:
    older = TERMS.keys() - (ORDINARY if name.startswith("test_") else set())
    return name not in PUBLIC and (name in NAMES or not words(name).isdisjoint(older))


def names_in(path: Path) -> Iterator[tuple[int, str]]:
    with path.open() as file:
        for token in tokenize.generate_tokens(file.readline):
            if token.type == tokenize.NAME:
                yield token.start[0], token.string


def prose_in(path: Path) -> Iterator[tuple[int, str]]:
    """Each line of a docstring or comment, with its number."""
    text = path.read_text()
    docstrings = {
        node.body[0].lineno
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        if node.body and isinstance(node.body[0], ast.Expr) and ast.get_docstring(node, clean=False) is not None
    }
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and token.start[0] in docstrings):
            yield from enumerate(token.string.split("\n"), start=token.start[0])


def test_names_in_the_code_are_standard_terms() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for path in sources()
        for line, name in dict.fromkeys(names_in(path))
        if is_older(name)
    ]
    assert found == [], "Use the terms of TERMS and NAMES here."


def test_docstrings_and_comments_use_the_standard_terms() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in sources()
        for number, line in prose_in(path)
        if PHRASES.search(line)
    ]
    assert found == []


def test_names_of_files_are_standard_terms() -> None:
    folders = ("apta", "workplan", "tests", "templates", "docs")
    paths = [path.relative_to(ROOT) for folder in folders for path in sorted((ROOT / folder).rglob("*.*"))]
    ours = [path for path in paths if not {"migrations", "vendor", "__pycache__"} & set(path.parts)]
    assert len(ours) > 300
    assert [
        str(path) for path in ours if any(is_older(part.replace("-", "_")) for part in re.split(r"[./]", str(path)))
    ] == []


def test_tags_and_variables_of_templates_are_standard_terms() -> None:
    found = []
    for path in sorted((ROOT / "templates").rglob("*.*")):
        for tag in re.findall(r"\{\{.*?\}\}|\{%.*?%\}", path.read_text(), re.DOTALL):
            names = re.findall(r"[A-Za-z_]\w*", re.sub(r"\"[^\"]*\"|'[^']*'", "", tag))
            found += [f"{path.relative_to(ROOT)}: {name}" for name in names if is_older(name)]
    assert found == []


def test_classes_of_style_sheets_are_standard_terms() -> None:
    found = []
    for path in sorted((ROOT / "workplan/static/workplan").rglob("*.css")):
        classes = re.findall(r"\.([a-z][a-z0-9-]*)|(--[a-z][a-z0-9-]*):", path.read_text())
        names = {(one or other).replace("-", "_").strip("_") for one, other in classes}
        found += [f"{path.name}: {name}" for name in sorted(names) if is_older(name) and name != "q_owed"]
    assert found == []


def descriptions(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            if name in ("description", "summary") and isinstance(one, str):
                yield one
            else:
                yield from descriptions(one)
    elif isinstance(value, list):
        for one in value:
            yield from descriptions(one)


def test_the_description_of_the_api_uses_the_standard_terms() -> None:
    lines = [line for text in dict.fromkeys(descriptions(document())) for line in text.split("\n")]
    # The labels of values are read on pages, too.
    assert [line for line in lines if PHRASES.search(line) and not line.startswith("* `")] == []


@pytest.mark.parametrize("name", PUBLIC)
def test_public_names_that_keep_an_older_word_are_in_the_glossary(name: str) -> None:
    assert f"`{name}`" in GLOSSARY.read_text()


def test_each_name_that_is_kept_is_still_used() -> None:
    used = {name for path in sources() for _, name in names_in(path)}
    assert set(PUBLIC) <= used


@pytest.mark.parametrize(
    ("name", "older"),
    [
        ("deed", True),
        ("refuse_deed", True),
        ("ROUND_DEEDS", True),
        ("StoryLine", True),
        ("the_round", True),
        ("owed", False),
        ("still_owed", True),
        ("history", False),
        ("returned", False),
        ("storage", False),
        ("audit_trail", False),
        ("house", True),
        ("test_what_happened_beside_it_stays", False),
    ],
)
def test_older_words_are_recognised_as_whole_words_of_a_name(name: str, older: bool) -> None:
    assert is_older(name) == older


def test_pages_and_mails_use_the_standard_terms() -> None:
    found = []
    for path in sorted((ROOT / "templates").rglob("*.*")):
        # Tags and variables have names of their own, which are judged above.
        shown = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", path.read_text())
        found += [f"{path.relative_to(ROOT)}: {one[0]}" for one in ON_PAGES.finditer(shown)]
    assert found == [], "Use the terms of docs/glossary.md on pages and in mails."

"""The standard terms of ``docs/glossary.md`` are used throughout: in names, file names, docstrings and descriptions,
and in what people read: templates, messages, mails and documentation.

Reads the code as text, so no database is needed. A name that is public keeps its older word and stands in
``PUBLIC`` with the reason; a sentence in which a word is meant otherwise, in ``ALLOWED``.
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

# Older words and figures of speech in what people read, in documentation too.
OLDER_WORDS = re.compile(
    r"\b(?:mend(?:s|ed|ing)?|tick(?:s|ed)?|ow(?:e|es|ed|ing)|told|handed? in|hands? in|more time|reading notes?|"
    r"silence rule|late exceptions?|looks? after|tak(?:e|es|en|ing) (?:it )?back|settl(?:e|es|ed)|deeds?|unmoved|"
    r"puts? right|by hand(?!-)|door|all the same|thrown away|for good|what moved|(?:who|which body) carries|"
    r"take the figures along|how far (?!as)|(?:is|are) stuck|as known (?:on|at)|as it reads|as-of date|said of|"
    r"what (?:i|you) (?:hear|owe|are told)|waits? for (?:a |its |your |the )?review|messages i want)\b",
    re.IGNORECASE,
)
# On pages, in messages and in mails these as well.
FIGURES_OF_SPEECH = re.compile(
    r"\b(?:stands?|stood|beside|anew|meanwhile|hands? over|handed over|what happened|as printed|asked for|"
    r"nothing of yours|chosen ones|by itself|goes? on|went on)\b",
    re.IGNORECASE,
)
# Where a word is meant otherwise: the file, or folder, and the words.
ALLOWED = (
    # Notes on how the cells of a file were read, which are kept with the records of a plan.
    ("workplan/imports/plan/", r"stands?|beside"),
    ("docs/glossary.md", r"as-of date"),
    # Headings of columns that are still understood in files.
    ("workplan/imports/", r"as-of date"),
    # The value of a parameter, which is quoted.
    ("workplan/filters/rounds.py", r"owed"),
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


TAG = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
UNSEEN = re.compile(r"<(script|style)\b.*?</\1>|\{%\s*comment.*?endcomment\s*%\}", re.DOTALL)
SEEN_ATTRIBUTES = re.compile(r"\b(?:title|alt|aria-label|placeholder|content)=\"([^\"]*)\"")
SEEN_ARGUMENTS = re.compile(r"\b(?:pluralize|default|yesno|caption|what)[:=]\"([^\"]*)\"")


def shown_by(template: str) -> Iterator[str]:
    """What a template shows of itself: text, attributes that are read out, and words in tags."""
    template = UNSEEN.sub(" ", template)
    yield re.sub(r"<[^>]*>", " ", TAG.sub(" ", template))
    yield from (TAG.sub(" ", text) for text in SEEN_ATTRIBUTES.findall(template))
    yield from SEEN_ARGUMENTS.findall(template)


def messages_of(source: str) -> Iterator[str]:
    """The sentences and labels in the code: strings that are neither docstrings nor codes of one word."""
    tree = ast.parse(source)
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            text = node.value.strip()
            if " " in text or (text[:1].isupper() and not text.isupper()):
                yield node.value


def strings_of(script: str) -> Iterator[str]:
    yield from (text for text in re.findall(r"\"([^\"\n]*)\"", script) if " " in text.strip())


def prose_of(document: str) -> str:
    """A document without what it quotes from code."""
    return re.sub(r"`[^`]*`", " ", re.sub(r"```.*?```", " ", document, flags=re.DOTALL))


def texts_for_people() -> Iterator[tuple[Path, str]]:
    """Every text on a page, in a message or in a mail, with its file."""
    for path in sorted((ROOT / "templates").rglob("*.*")):
        if path.suffix in (".html", ".txt", ".svg"):
            yield from ((path, text) for text in shown_by(path.read_text()))
    for folder in ("apta", "workplan"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if "migrations" not in path.parts:
                yield from ((path, text) for text in messages_of(path.read_text()))
    for path in sorted((ROOT / "workplan/static/workplan").rglob("*.js")):
        if "vendor" not in path.parts:
            yield from ((path, text) for text in strings_of(path.read_text()))


def documents() -> Iterator[tuple[Path, str]]:
    for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "tests/README.md"):
        yield ROOT / name, prose_of((ROOT / name).read_text())
    for path in sorted((ROOT / "docs").rglob("*.md")):
        yield path, prose_of(path.read_text())


def is_allowed(path: Path, words: str) -> bool:
    where = str(path.relative_to(ROOT))
    return any(where.startswith(place) and re.fullmatch(meant, words, re.IGNORECASE) for place, meant in ALLOWED)


def refused(texts: Iterator[tuple[Path, str]], *patterns: re.Pattern[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}: “{found[0]}” in {text[max(0, found.start() - 60) : found.end() + 40]!r}"
        for path, text in texts
        for pattern in patterns
        for found in pattern.finditer(text)
        if not is_allowed(path, found[0])
    ]


def test_pages_messages_and_mails_use_the_standard_terms() -> None:
    texts = list(texts_for_people())
    assert len(texts) > 2_000
    assert refused(iter(texts), OLDER_WORDS, FIGURES_OF_SPEECH) == []


def test_the_documentation_uses_the_standard_terms() -> None:
    assert refused(documents(), OLDER_WORDS) == []


@pytest.mark.parametrize("place", ALLOWED)
def test_each_place_that_is_allowed_an_older_word_has_it(place: tuple[str, str]) -> None:
    texts = [
        text for path, text in (*texts_for_people(), *documents()) if str(path.relative_to(ROOT)).startswith(place[0])
    ]
    assert any(re.search(rf"\b(?:{place[1]})\b", text, re.IGNORECASE) for text in texts)


@pytest.mark.parametrize(
    ("text", "older"),
    [
        ("Please mend this first", True),
        ("The figures are not recommended.", False),
        ("SOMTC still owes 2 reports.", True),
        ("Reports as far as known", False),
        ("Give one body more time", True),
        ("Settle the chosen ones", True),
        ("Resolve selected", False),
        ("If one cannot be processed, none will be.", False),
    ],
)
def test_older_words_are_recognised_in_sentences(text: str, older: bool) -> None:
    assert bool(OLDER_WORDS.search(text)) == older


def test_what_a_template_shows_is_read_without_what_it_does() -> None:
    template = (
        '<p title="Told">{% if owed %}See {{ row.owed }}{% endif %}</p>{# mended #}'
        '<input name="owed" value="silent" aria-label="Ticked">{{ n|pluralize:"owes,owe" }}'
    )
    assert [" ".join(text.split()) for text in shown_by(template)] == ["See", "Told", "Ticked", "owes,owe"]


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

"""The rules of the architecture, checked by reading the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

LONGEST = 400
# What other rooms call: each public name there says what it means.
INNER_ROOMS = ("actions", "permissions", "querysets", "monitoring", "exports", "imports")
DOCUMENTED = tuple(f"workplan/{room}" for room in INNER_ROOMS)
# Methods of expressions and compilers, of which Django says what they do.
SAID_BY_DJANGO = ("as_sql", "as_postgresql", "as_sqlite", "get_from_clause", "get_select")
# Reads anew what was reported under an older rule, with its lines in the audit trail.
RESTATED = "workplan/migrations/0027_status_keeps_its_date.py"
ROOT = Path(__file__).resolve().parent.parent
DEV_ONLY = r"^\s*(?:from|import) (?:pytest|playwright|hypothesis|schemathesis|docx2python|openpyxl|time_machine)\b"


def sources(*folders: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        here = ROOT / folder
        for path in sorted(here.rglob("*.py")) if here.is_dir() else [here]:
            yield str(path.relative_to(ROOT)), path.read_text()


def lines_with(pattern: str, *folders: str, exclude: tuple[str, ...] = ()) -> list[str]:
    return [
        f"{name}: {line.strip()}"
        for name, text in sources(*folders)
        if not name.startswith(exclude)
        for line in text.splitlines()
        if re.search(pattern, line)
    ]


@pytest.mark.parametrize(
    ("pattern", "where", "exclude"),
    [
        # Only the action writes a status, an update, or the audit trail.
        (r"\.status\s*=[^=]", ("workplan",), ("workplan/actions/", RESTATED)),
        (r"\.latest_update\s*=[^=]", ("workplan",), ("workplan/actions/", "workplan/querysets/", RESTATED)),
        (
            r"(?:StatusUpdate|AuditEntry|Evidence)\.objects\.(?:bulk_)?create",
            ("workplan",),
            ("workplan/actions/", RESTATED),
        ),
        (r"\bDecision\(|Decision\.objects\.(?:bulk_)?create", ("workplan",), ("workplan/actions/", "workplan/models/")),
        (r"\bAuditEntry\(", ("workplan",), ("workplan/actions/", "workplan/models/", RESTATED)),
        # Whoever lists activities starts from what the person may see.
        (r"Activity\.objects\.(?:filter|all|exclude)\(", ("workplan/views", "workplan/api"), ()),
        # Whoever lists reports starts from what the person may see (the queue completes rows it has listed so).
        (
            r"StatusUpdate\.objects\.(?!visible_to|published|none)",
            ("workplan/views", "workplan/api"),
            ("workplan/views/secretariat/review.py",),
        ),
        # Migrations stand by themselves.
        (r"^from workplan(?!\.models\.base)", ("workplan/migrations",), ()),
        # Vocabularies stand in rules.
        (r"TextChoices", ("workplan",), ()),
        # What only tests need is not there in production.
        (DEV_ONLY, ("apta", "workplan"), ()),
    ],
)
def test_the_code_keeps_the_rules_of_the_architecture(
    pattern: str, where: tuple[str, ...], exclude: tuple[str, ...]
) -> None:
    assert lines_with(pattern, *where, exclude=exclude) == []


def test_pages_need_no_inline_script_and_no_inline_style() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son[a-z]+=[\"']", text), path


def test_every_page_is_in_the_language_of_its_head_and_says_its_title() -> None:
    for path in (ROOT / "templates").rglob("*.html"):
        text = path.read_text()
        if '{% extends "base.html" %}' in text:
            assert "{% block title %}" in text, path


def test_no_file_names_an_index_of_packages_or_a_place_on_one_machine() -> None:
    wanted = re.compile(r"--(?:extra-)?index-url|https?://[a-z.]*(?:pyp[i]|pythonhos[t]ed|npmj[s])", re.IGNORECASE)
    for path in [*ROOT.glob("*.*"), *(ROOT / "requirements").glob("*"), ROOT / "Makefile"]:
        if path.is_file():
            assert not wanted.search(path.read_text(errors="ignore")), path


def test_lock_files_hold_what_the_project_asks_for() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for name, asked in (
        ("base", project["dependencies"]),
        ("dev", [*project["dependencies"], *project["optional-dependencies"]["dev"]]),
    ):
        locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*)==", (ROOT / f"requirements/{name}.txt").read_text(), re.M))
        wanted = {re.match(r"[A-Za-z0-9._-]+", entry)[0].lower() for entry in asked}  # type: ignore[index]
        assert wanted <= locked


def test_no_file_is_longer_than_400_lines() -> None:
    """What is longer becomes a folder of the same name, or files named after what each is about."""
    lengths = {
        name: len(text.splitlines())
        for name, text in sources("apta", "workplan", "tests")
        if not name.startswith("workplan/migrations/")
    }

    assert {name: length for name, length in lengths.items() if length > LONGEST} == {}


def test_public_names_of_the_inner_rooms_say_what_they_mean() -> None:
    silent = [
        f"{name}: {node.name}"
        for name, text in sources(*DOCUMENTED)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name not in SAID_BY_DJANGO
        if not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []

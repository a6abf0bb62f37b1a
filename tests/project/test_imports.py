"""The order of the rooms: its contracts in ``pyproject.toml`` are among the checks, and catch what breaks them."""

import ast
import shutil
import subprocess
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path

import grimp
import pytest

from tests.run import CHECKS, ROOT, lint_imports

OURS = ("apta", "workplan", "tests")
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

# One import for each contract that it must not allow: the file it is added to, and the line.
WRONG = {
    "Rooms lie in layers": ("workplan/querysets/bodies.py", "from workplan.monitoring import summary"),
    "Pages lie in layers": ("workplan/views/monitoring/compare.py", "from workplan.views.secretariat import audit"),
    "Rules know neither Django nor the database": ("workplan/rules/files.py", "from django.db import models"),
    "Models do not ask who may": ("workplan/models/body.py", "from workplan import permissions"),
    "Channels write through the actions that stand in workplan.actions": (
        "workplan/api/views/rounds.py",
        "from workplan.actions import audit",
    ),
    "What runs needs no test": ("workplan/exports/csv.py", "import tests.conftest"),
}


def judged(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(lint_imports(), cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The Python files of the project, to be spoilt."""
    for package in OURS:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "static", "recorded")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_every_wrong_import_breaks_the_contract_against_it(copy: Path) -> None:
    for file, line in WRONG.values():
        path = copy / file
        path.write_text(f"{path.read_text()}\n{line}\n")

    answer = judged(copy)

    assert answer.returncode == 1, answer.stdout + answer.stderr
    stated = answer.stdout
    for contract, (file, line) in WRONG.items():
        assert f"{contract} BROKEN" in stated, stated
        assert file.removesuffix(".py").replace("/", ".") in stated.split("Broken contracts")[1], line


def test_a_room_without_a_place_breaks_the_contract(copy: Path) -> None:
    (copy / "workplan/attic.py").touch()

    assert "attic" in judged(copy).stdout


def test_every_contract_is_known_to_catch_something() -> None:
    assert {contract["name"] for contract in CONTRACTS} == set(WRONG)


def test_the_contracts_are_among_the_checks() -> None:
    assert [check.command for check in CHECKS if "import" in check.subject] == [lint_imports()]


def functions(tree: ast.AST) -> Iterator[ast.AST]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda))


def imported(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Import):
            yield from (alias.name for alias in inner.names)
        elif isinstance(inner, ast.ImportFrom):
            yield "." * inner.level + (inner.module or "")


def test_no_function_imports_from_the_project() -> None:
    """Whoever imports inside a function hides a circle, or an arrow that goes up."""
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for package in ("apta", "workplan")
        for path in sorted((ROOT / package).rglob("*.py"))
        for function in functions(ast.parse(path.read_text()))
        for name in imported(function)
        if name.startswith((*OURS, "."))
    ]
    assert found == []


def test_no_module_needs_itself() -> None:
    """Neither directly nor by a way round; what only type checkers read may name the model of a queryset."""
    graph = grimp.build_graph("apta", "workplan", exclude_type_checking_imports=True, cache_dir=None)
    needs = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}

    TopologicalSorter(needs).prepare()  # raises CycleError, which names the circle

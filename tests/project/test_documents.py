"""What the documents for developers name is there, and is as they say."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = sorted([ROOT / "CONTRIBUTING.md", ROOT / "tests/README.md", *(ROOT / "docs").rglob("*.md")])
FOLDERS = "apta|workplan|templates|fixtures|tests|docs|requirements"


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_path_it_names_is_there(document: Path) -> None:
    named = re.findall(rf"`((?:{FOLDERS})/[\w./-]*)`", document.read_text())

    # A name in angle brackets stands for any file of its folder, and is not matched above.
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_to_a_file(document: Path) -> None:
    linked = re.findall(r"\]\((?!https?://|#)([^)#]+)", document.read_text())

    assert [path for path in linked if not (document.parent / path).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_make_target_it_names_is_there(document: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):.*##", (ROOT / "Makefile").read_text(), re.M))

    assert set(re.findall(r"(?:`|^)make ([a-z]+)", document.read_text(), re.M)) <= targets


def test_the_architecture_names_the_layers_in_the_order_that_the_contract_holds() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = [set(re.split(r"\s*[|:]\s*", layer)) for layer in contracts[0]["layers"]]
    rows = re.findall(r"^\| ((?:`\w+`(?:, )?)+) \|", (ROOT / "docs/architecture.md").read_text(), re.M)

    assert [set(re.findall(r"`(\w+)`", row)) for row in rows] == layers[::-1]


def test_every_decision_stands_in_the_list_of_decisions() -> None:
    decisions = sorted((ROOT / "docs/decisions").glob("0*.md"))
    listed = (ROOT / "docs/decisions/README.md").read_text()

    assert [path.name[:4] for path in decisions] == [f"{number:04}" for number in range(1, len(decisions) + 1)]
    for path in decisions:
        text = path.read_text()
        title = text.splitlines()[0].removeprefix("# ")
        assert f"[{title}]({path.name})" in listed
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequence")), path.name

"""Reads files back as other programs do."""

import csv
import io
import json
from typing import Any

from django.test import Client
from docx import Document
from docx.oxml.ns import qn
from pypdf import PdfReader

from tests.workbooks import cells
from workplan import rules

PLAN = "/plans/tip-2016-2020"


def fetch(client: Client, path: str) -> bytes:
    """The file at an address of the plan."""
    response: Any = client.get(f"{PLAN}/{path}")
    assert response.status_code == 200, response.content
    return b"".join(response.streaming_content) if response.streaming else response.content


def nested(row: dict[str, Any], name: str) -> Any:
    """The value that ``name`` names in JSON: a dot is a step down."""
    for step in name.split("."):
        row = row[step] if row is not None else None  # type: ignore[assignment]
    return row


def read_data(content: bytes, ending: str) -> list[dict[str, Any]]:
    """The rows of a data file, by the names of its columns."""
    match ending:
        case "csv":
            return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline="")))
        case "xlsx":
            heading, *rows = next(iter(cells(content).values()))
            return [dict(zip(heading, row, strict=True)) for row in rows]
        case "ndjson":
            return [json.loads(line) for line in content.splitlines()]
        case _:
            found: list[dict[str, Any]] = json.loads(content)["results"]
            return found


def word_rows(content: bytes, number_of_columns: int) -> list[list[str]]:
    """The rows of all tables with so many columns in a Word document, without headings; merged cells repeated."""
    found = []
    for table in Document(io.BytesIO(content)).tables:
        if len(table.columns) != number_of_columns:
            continue
        for row in table.rows:
            if row._tr.find(f"{qn('w:trPr')}/{qn('w:tblHeader')}") is None:
                found.append([cell.text for cell in row.cells])
    return found


def pdf_text(content: bytes) -> str:
    """The text of a PDF in reading order, in one line."""
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages).split())


def status_words(status: str) -> str:
    """A status as documents write it."""
    return f"{rules.STATUSES[status].sign} {rules.STATUSES.label(status)}"

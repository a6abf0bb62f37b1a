"""Documents as PDF, set by typst: tagged for screen readers, with a bookmark for each heading."""

from pathlib import Path
from typing import Any

import orjson
import typst

from workplan.exports.chart_colours import palettes
from workplan.exports.document import (
    Block,
    Cell,
    Document,
    Facts,
    Heading,
    Line,
    PageBreak,
    Paragraph,
    StatusChart,
    Table,
)
from workplan.exports.scripts import FONTS, SCRIPTS

TYPE = "application/pdf"
TEMPLATE = Path(__file__).with_name("document.typ").read_bytes()
# The last one comes with typst, and has the signs of the statuses.
FACES = ["Noto Sans", *(script.font for script in SCRIPTS), "DejaVu Sans Mono"]
LONG = 1_000
ACCESSIBLE = "ua-1"  # ISO 14289-1


def write(document: Document) -> bytes:
    """The file: PDF/UA-1 where our fonts have every letter.

    Letters that they lack are set in a font of the machine; the file is tagged all the same.
    """
    blocks = [{"kind": "facts", "facts": document.cover}, *map(_block, document.blocks)]
    data = {
        "title": document.title,
        "subtitle": document.subtitle,
        "description": f"{document.subtitle}. {document.about.scope}; status as at {document.about.shown_in_words}",
        "keywords": [document.about.plan.code],
        "footer": document.footer,
        "made": _parts(document.about.made_at),
        "blocks": blocks,
    }
    try:
        return _compile(data, pdf_standards=[ACCESSIBLE])
    except typst.TypstError as problem:
        if "could not be displayed" not in str(problem):
            raise
        return _compile(data | {"fallback": True}, ignore_system_fonts=False)


def picture(chart: StatusChart) -> bytes:
    """The chart alone, as PNG."""
    return _compile({"blocks": [_block(chart)], "alone": True}, format="png", ppi=220)


def _compile(data: dict[str, Any], **options: Any) -> bytes:
    complete = {
        **dict.fromkeys(("title", "subtitle", "description", "footer"), "Chart"),
        "author": ["Secretariat"],
        "keywords": [],
        "made": {"year": 2000, "month": 1, "day": 1},
        "fonts": FACES,
        "fallback": False,
        "alone": False,
        **data,
    }
    files = {"main.typ": TEMPLATE, "document.json": orjson.dumps(complete)}
    settings: dict[str, Any] = {"font_paths": [str(FONTS)], "ignore_system_fonts": True, **options}
    made: bytes = typst.compile(files, **settings)
    return made


def _parts(moment: Any) -> dict[str, int]:
    return {name: getattr(moment, name) for name in ("year", "month", "day", "hour", "minute", "second")}


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "level": block.level, "text": block.text}
        case Paragraph():
            return {"kind": "paragraph", "line": _line(block.line)}
        case Facts():
            return {"kind": "facts", "facts": list(block.facts)}
        case StatusChart():
            return {"kind": "chart", "alt": block.in_words, "bars": _bars(block)}
        case Table():
            return {
                "kind": "table",
                "name": block.name,
                "band": block.band,
                "columns": [{"label": label, "share": share} for label, share in block.columns],
                "numbers_from": block.numbers_from,
                "last_is_total": block.last_is_total,
                "rows": [[_cell(cell) for cell in row] for row in block.rows],
            }
        case PageBreak():
            return {"kind": "page"}


def _bars(chart: StatusChart) -> list[dict[str, Any]]:
    """As long as their share of the longest; the colours are those of the pages."""
    most = max(count for _, count, _ in chart.tally.shares) or 1
    colours = {one["status"]: one["area"] for one in palettes()[0]["statuses"]}
    return [
        {
            "sign": term.sign,
            "label": term.label,
            "number": f"{count:,}",
            "share": 100 * count / most,
            "colour": colours[term.value],
        }
        for term, count, _ in chart.tally.shares
    ]


def _cell(cell: Cell) -> dict[str, Any]:
    return {
        "lines": [_line(line) for line in cell.lines],
        "rowspan": cell.rowspan,
        "colspan": cell.colspan,
        "heading": cell.is_heading,
        # What may be higher than a page has to go on over the next.
        "long": sum(len(part.text) for line in cell.lines for part in line) > LONG,
    }


def _line(line: Line) -> list[dict[str, str]]:
    return [{"text": part.text, "look": part.look} for part in line]

"""Cells as the values of a report: days, words of the vocabularies and evidence, in the spellings that people use."""

import datetime
import re
from collections.abc import Mapping

from workplan import rules
from workplan.exports.round_rows import FILE_MARK, TEXTS
from workplan.imports.cells import DAY, ERROR, NUMBER, Cell
from workplan.imports.tables import folded
from workplan.models.base import LONG_TEXT, SHORT_TEXT

MOST = {**dict.fromkeys(TEXTS, LONG_TEXT), "reason": SHORT_TEXT}

# Other words that people write for a status or a kind, folded; values and labels are known anyway.
OTHER_SPELLINGS: Mapping[str, Mapping[str, str]] = {
    "status": {
        **dict.fromkeys(("not yet started", "not begun", "not started yet", "to be started", "pending"), "not_started"),
        **dict.fromkeys(("on going", "in progress", "under way", "underway", "started", "continuing"), "ongoing"),
        **dict.fromkeys(("complete", "done", "finished", "implemented", "accomplished"), "completed"),
        **dict.fromkeys(("postponed", "delayed", "put off", "on hold"), "deferred"),
        **dict.fromkeys(("canceled", "dropped", "withdrawn", "discontinued"), "cancelled"),
        **dict.fromkeys(("no report", "none", "unreported"), "not_reported"),
    },
    "kind": {
        **dict.fromkeys(("progress report", "update", "report"), rules.PROGRESS),
        **dict.fromkeys(("unchanged", "no changes", "nothing new"), rules.NO_CHANGE),
        **dict.fromkeys(("nil", "nothing to report"), rules.NIL_RETURN),
        **dict.fromkeys(("corrected", "corrigendum"), rules.CORRECTION),
    },
}
VOCABULARIES = {"status": rules.STATUSES, "kind": rules.UPDATE_KINDS}

MONTHS = {
    name: number
    for number, names in enumerate(
        "january jan|february feb|march mar|april apr|may|june jun|july jul|august aug|september sep sept|"
        "october oct|november nov|december dec".split("|"),
        start=1,
    )
    for name in names.split()
}
_ISO = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[t ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?z?)?")
_NUMBERS = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?[ .-]*([a-z]+)[ .,-]*(\d{4})")
_MONTH_FIRST = re.compile(r"([a-z]+)[ .-]*(\d{1,2})(?:st|nd|rd|th)?[ ,.-]+(\d{4})")
# A line as we write it, and a link wherever it stands.
_TITLE_AND_LINK = re.compile(r"(.*\S)\s+[–—-]\s+([a-z][a-z0-9+.-]*://\S+)", re.IGNORECASE)
_LINK = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)
MOST_EVIDENCE_TEXT = 150_000
MOST_WORD = 200  # characters of a day or of a word of a vocabulary
WRITE_DAY = "Enter the date as year-month-day, such as 2018-06-30."


class Unreadable(ValueError):
    """What a cell holds cannot be a value of its column; the message says what would be right."""


def refuse_error(cell: Cell) -> None:
    """Refuse cells that hold an error, or a formula of which no value is known.

    Raises:
        Unreadable: it is one.
    """
    if cell.kind == ERROR:
        raise Unreadable("The formula of this cell failed. Replace it with its text or value.")
    if cell.is_formula and not cell.text:
        raise Unreadable("The cell holds a formula that was never calculated. Replace it with its text or value.")


def text_in(cell: Cell, name: str) -> str:
    """A text of a report.

    Raises:
        Unreadable: it is longer than its field, or holds characters that are no readable text.
    """
    refuse_error(cell)
    if len(cell.text) > MOST[name]:
        raise Unreadable(f"Write at most {MOST[name]:,} characters; these are {len(cell.text):,}.")
    if rules.UNREADABLE.search(cell.text):
        raise Unreadable(rules.UNREADABLE_TEXT)
    return cell.text


def word_in(cell: Cell, name: str) -> str:
    """The value of a vocabulary that a cell means; empty where it is blank.

    Raises:
        Unreadable: no word of the vocabulary is spelled so.
    """
    refuse_error(cell)
    vocabulary = VOCABULARIES[name]
    spelled = folded(cell.text[:MOST_WORD])
    if not spelled:
        return ""
    spellings = {**OTHER_SPELLINGS[name]}
    for term in vocabulary:
        spellings |= {folded(term.value): term.value, folded(term.label): term.value}
    found = spellings.get(spelled)
    if found is None or found not in vocabulary:
        raise Unreadable(f"Use one of: {', '.join(term.label for term in vocabulary)}.")
    return found


def day_in(cell: Cell) -> datetime.date | None:
    """The day that a cell means, however its program keeps it; ``None`` where it is blank.

    Raises:
        Unreadable: it is no day, or could be two.
    """
    refuse_error(cell)
    if not cell.text:
        return None
    if cell.kind in (DAY, NUMBER):
        if cell.day is None:
            raise Unreadable(f"This number is not a date. {WRITE_DAY}")
        return cell.day
    return day_of_text(cell.text)


def day_of_text(text: str) -> datetime.date:
    """The day that a text names.

    Raises:
        Unreadable: it names none, or could be two.
    """
    plain = " ".join(text[:MOST_WORD].casefold().replace(",", ", ").split())
    if found := _ISO.fullmatch(plain):
        return _day(int(found[1]), int(found[2]), int(found[3]))
    if found := _NUMBERS.fullmatch(plain):
        first, second, year = int(found[1]), int(found[2]), int(found[3])
        if first <= 12 and second <= 12 and first != second:
            either = f"{_day(year, second, first):%d %B} or {_day(year, first, second):%d %B %Y}"
            raise Unreadable(f"This can be {either}. {WRITE_DAY}")
        return _day(year, first, second) if second > 12 else _day(year, second, first)
    for pattern, day, month in ((_DAY_FIRST, 1, 2), (_MONTH_FIRST, 2, 1)):
        found = pattern.fullmatch(plain)
        if found and found[month] in MONTHS:
            return _day(int(found[3]), MONTHS[found[month]], int(found[day]))
    if plain.isascii() and plain.isdigit():
        raise Unreadable(f"This number is not a date. {WRITE_DAY}")
    raise Unreadable(f"This is not a date. {WRITE_DAY}")


def _day(year: int, month: int, day: int) -> datetime.date:
    try:
        return datetime.date(year, month, day)
    except ValueError:
        raise Unreadable(f"There is no such date. {WRITE_DAY}") from None


def evidence_in(cell: Cell) -> tuple[tuple[str, str], ...]:
    """The evidence that a cell names: for each line a title and a link; no link for a file that is there already.

    Raises:
        Unreadable: a line has no link, or one that cannot be evidence.
    """
    refuse_error(cell)
    if len(cell.text) > MOST_EVIDENCE_TEXT:
        raise Unreadable(f"Write at most {MOST_EVIDENCE_TEXT:,} characters.")
    found = []
    for line in filter(None, (line.strip() for line in cell.text.split("\n"))):
        link = _LINK.search(line)
        if link is None:
            if line.endswith(")") and f"({FILE_MARK}" in line:
                found.append((line, ""))
                continue
            raise Unreadable(
                f"“{line[:60]}” has no link. Enter one document per line, as: Title – https://example.org/document"
            )
        exact = _TITLE_AND_LINK.fullmatch(line)
        url = exact[2] if exact else link[0].rstrip(".,;)>]")
        problem = rules.problem_with_link(url)
        if problem:
            raise Unreadable(f"“{url[:60]}”: {problem}")
        if exact:
            found.append((exact[1], url))
            continue
        title = (line[: link.start()] + line[link.start() + len(url) :]).strip(" –—-:|()<>[],.;\u00a0")
        found.append((title or url[:300], url))
    if len(found) > rules.MOST_EVIDENCE:
        raise Unreadable(f"Give at most {rules.MOST_EVIDENCE} documents.")
    too_long = next((title for title, url in found if len(title) > 300 and url), "")
    if too_long:
        raise Unreadable(f"The title “{too_long[:40]}…” is longer than 300 characters.")
    return tuple(found)

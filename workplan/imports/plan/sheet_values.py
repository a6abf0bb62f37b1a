"""What a cell of a workbook shows: its value in the format in which a person sees it."""

import datetime
import re
from decimal import Decimal, InvalidOperation
from typing import Any

S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
# Formats that a file names by number alone (ECMA-376, part 1, 18.8.30): those of days and times, and decimals.
DAYS = {14, 15, 16, 17, 22, *range(27, 37), *range(50, 59)}
TIMES = {18, 19, 20, 21, 45, 46, 47}
DECIMALS = {1: 0, 2: 2, 3: 0, 4: 2, 9: 0, 10: 2}
PER_CENT = {9, 10}
# Day 0 of each of the two calendars that workbooks count days by. The first has a 29 February 1900 that never was.
DAY_0, DAY_0_1904 = datetime.datetime(1899, 12, 30), datetime.datetime(1904, 1, 1)
MOST_DAYS = 2_958_465  # 31 December 9999
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')


class Formats:
    """The formats of numbers and the fills of the cells of one workbook."""

    def __init__(self, styles: Any, *, counts_from_1904: bool) -> None:
        self.day_0 = DAY_0_1904 if counts_from_1904 else DAY_0
        codes: dict[int, str] = {}
        self.cells: list[tuple[int, str, bool]] = []
        if styles is None:
            return
        for one in styles.iter(f"{S}numFmt"):
            if (number := one.get("numFmtId", "")).isdigit():
                codes[int(number)] = one.get("formatCode", "")
        filled = [_is_filled(fill) for fill in styles.findall(f"{S}fills/{S}fill")]
        bold = [font.find(f"{S}b") is not None for font in styles.findall(f"{S}fonts/{S}font")]
        for one in styles.findall(f"{S}cellXfs/{S}xf"):
            number, fill, font = (_whole(one.get(name)) for name in ("numFmtId", "fillId", "fontId"))
            is_filled = 0 <= fill < len(filled) and filled[fill]
            is_bold = 0 <= font < len(bold) and bold[font]
            self.cells.append((number, codes.get(number, "") + ("\0" if is_filled else ""), is_bold))

    def of(self, style: str | None) -> tuple[int, str, bool, bool]:
        """Number and code of the format of a cell, whether it is filled, and whether it is bold."""
        place = _whole(style)
        number, code, bold = self.cells[place] if 0 <= place < len(self.cells) else (0, "", False)
        return number, code.rstrip("\0"), code.endswith("\0"), bold

    def shown(self, raw: str, style: str | None) -> str:
        """The number ``raw`` as the cell shows it: a day, a number with its decimals, a share."""
        number, code, _, _ = self.of(style)
        try:
            value = Decimal(raw)
        except InvalidOperation:
            return raw
        if not value.is_finite():
            return raw
        bare = _QUOTED.sub("", code).lower().split(";")[0]
        is_day = number in DAYS or (bool(bare) and any(letter in bare for letter in "yd"))
        is_time = number in TIMES or (bool(bare) and not is_day and any(letter in bare for letter in "hs"))
        if (is_day or is_time) and 0 <= value <= MOST_DAYS:
            return self._moment(float(value), is_time and not is_day)
        decimals = DECIMALS.get(number)
        is_share = number in PER_CENT
        if bare and bare != "general" and re.search(r"[0#]", bare):
            decimals = len(re.findall(r"[0#?]", bare.partition(".")[2]))
            is_share = "%" in bare
        if decimals is None:
            return _plain(value)
        shown = f"{value * 100 if is_share else value:.{decimals}f}"
        return f"{shown}%" if is_share else shown

    def _moment(self, days: float, is_time: bool) -> str:
        moment = self.day_0 + datetime.timedelta(days=days)
        moment = (moment + datetime.timedelta(milliseconds=500)).replace(microsecond=0)
        if is_time:
            return f"{moment:%H:%M}"
        return f"{moment:%Y-%m-%d}" if moment.time() == datetime.time() else f"{moment:%Y-%m-%d %H:%M}"


def _plain(value: Decimal) -> str:
    """A number as it is typed: as many digits as a workbook keeps, and no exponent."""
    rounded = Decimal(f"{value:.15g}")
    if rounded and not -20 < rounded.adjusted() < 20:
        return f"{value:.15g}"
    return f"{rounded.normalize():f}" if rounded else "0"


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else 0


def _is_filled(fill: Any) -> bool:
    pattern = fill.find(f"{S}patternFill")
    if pattern is None or pattern.get("patternType", "none") in ("none", "gray125"):
        return False
    colour = pattern.find(f"{S}fgColor")
    return colour is not None and not (colour.get("rgb", "").lower().endswith("ffffff") or colour.get("theme") == "0")

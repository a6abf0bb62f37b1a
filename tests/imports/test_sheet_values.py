"""Values of a workbook as their cells show them."""

import pytest
from lxml import etree  # type: ignore[import-untyped]

from workplan.imports.plan.sheet_values import Formats

NAMES = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
CODES = (
    '<numFmt numFmtId="164" formatCode="d mmm yyyy"/>',
    '<numFmt numFmtId="165" formatCode="0.00&quot; years&quot;"/>',
    '<numFmt numFmtId="166" formatCode="[h]:mm"/>',
    '<numFmt numFmtId="167" formatCode="0.0%"/>',
    '<numFmt numFmtId="none" formatCode="x"/>',
)
STYLES = (
    f"<styleSheet {NAMES}><numFmts>{''.join(CODES)}</numFmts>"
    "<fonts><font/><font><b/></font></fonts>"
    '<fills><fill/><fill><patternFill patternType="solid"><fgColor rgb="FFFFC000"/></patternFill></fill>'
    '<fill><patternFill patternType="solid"><fgColor theme="0"/></patternFill></fill></fills><cellXfs>'
    + "".join(f'<xf numFmtId="{one}"/>' for one in (0, 14, 10, 164, 165, 166, 167, 20, 2))
    + '<xf numFmtId="0" fillId="1" fontId="1"/><xf numFmtId="0" fillId="2"/><xf/></cellXfs></styleSheet>'
)


@pytest.fixture(scope="module")
def formats() -> Formats:
    return Formats(etree.fromstring(STYLES), counts_from_1904=False)


@pytest.mark.parametrize(
    ("raw", "style", "shown"),
    [
        ("1.1", "0", "1.1"),
        ("1.10", "8", "1.10"),
        ("46357", "1", "2026-12-01"),
        ("46357.5", "1", "2026-12-01 12:00"),
        ("46357", "3", "2026-12-01"),
        ("-1", "1", "-1"),
        ("0.125", "2", "12.50%"),
        ("0.125", "6", "12.5%"),
        ("3", "4", "3.00"),
        ("0.75", "7", "18:00"),
        ("0", "0", "0"),
        ("0.30000000000000004", "0", "0.3"),
        ("1E+30", "0", "1e+30"),
        ("1E-30", "0", "1e-30"),
        ("many", "0", "many"),
        ("NaN", "0", "NaN"),
        ("7", "99", "7"),
        ("7", None, "7"),
    ],
)
def test_a_number_is_shown_as_in_its_cell(raw: str, style: str | None, shown: str, formats: Formats) -> None:
    assert formats.shown(raw, style) == shown


def test_fills_and_bold_letters_are_known_and_white_is_no_fill(formats: Formats) -> None:
    assert formats.of("9") == (0, "", True, True)
    assert formats.of("10") == (0, "", False, False)
    assert formats.of("11") == (0, "", False, False)


def test_days_are_counted_from_1904_where_the_workbook_says_so() -> None:
    assert Formats(etree.fromstring(STYLES), counts_from_1904=True).shown("44895", "1") == "2026-12-01"
    assert Formats(None, counts_from_1904=False).shown("44895", "1") == "44895"

"""A plan of another kind, on several pages, with what drafts gather in years: remarks, forms, changes, odd tables."""

from tests.imports.quirks import control, deleted
from tests.imports.word_files import DOWN, C, Word, heading, paragraph, run, table

EIGHT = [1500, 1700, 2600, 1200, 1800, 900, 900, 900]
COLUMNS = (
    "Provisions of the Convention",
    "Possible Areas of Collaboration",
    "Proposed Programme/Project/Activities",
    "Expected Outputs",
    "Lead Sectoral Body/ Cooperating Sectoral Body",
    "Timeline",
    "Remarks",
    "Implementation Status",
)
COMMENTS = {
    "0": ("Reviewer", "Which victims?"),
    "1": ("Reviewer", "How many?"),
    "2": ("", "Agreed by all"),
    "3": ("Chair", "Next year"),
    "4": ("Chair", ""),
    "5": ("Chair", "Still open"),
}


def comment(number: int) -> str:
    """The place to which a comment belongs."""
    return f'<w:r><w:commentReference w:id="{number}"/></w:r>'


def custom(content: str) -> str:
    """Content in markup of another program."""
    return f'<w:customXml w:uri="x" w:element="y">{content}</w:customXml>'


def _field(data: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{data}</w:ffData></w:fldChar></w:r>'


def tick_box(inside: str) -> str:
    """A form field of older documents that is ticked or not."""
    return _field(f"<w:checkBox>{inside}</w:checkBox>")


def choice(*entries: str, result: str = "") -> str:
    """A form field of older documents with a list to choose from."""
    chosen = f'<w:result w:val="{result}"/>' if result else ""
    listed = "".join(f'<w:listEntry w:val="{entry}"/>' for entry in entries)
    return _field(f"<w:ddList>{chosen}{listed}</w:ddList>")


def _first_page() -> str:
    return table(
        [
            heading(*COLUMNS),
            [
                "A. Strengthen border controls.",
                "1. Travel documents\n2. Joint patrols",
                "1.1 Train border officers\n1.2 Print a manual",
                "- Officers trained\n- Manual printed",
                "Lead: SOMTC & DGICM\nLead Sectoral Body: ACWC",
                "2027", "", "",
            ],
            [C("PART TWO", span=8, bold=True)],
            [C(paragraph("B. Protection of victims", comment(0), bold=True), span=8)],
            [
                C("B. Reaffirm the rights of victims.", merge="restart"),
                C("Shelters [UNODC]", merge="restart"),
                "a) Open shelters\nb) Train staff (to be confirmed)",
                C(paragraph("a) Five shelters", comment(1)) + paragraph("b) TBC")),
                C("Lead: SOMSWD\nCSB: All other SB", merge="restart"),
                "a) 2027\nb) 2028",
                C(paragraph("Agreed", comment(2))),
                C(fill="C0C0C0"),
            ],
            [DOWN, DOWN, "c) Write a handbook", C(paragraph("Handbook", comment(3))), DOWN, "", "", ""],
            [
                "", "Awareness\nTraining of judges", "- Run a campaign\n- Hold a seminar", "",
                "Lead: SOMTC and Ministry of Justice\nLead: SOMTC", "", "", "",
            ],
            ["", "", "- Hold talks on:\n• law\n• health\n• work", "", "Lead: AICHR\nLead: AICHR", "", "", ""],
            ["", "", "TBD", "", "Lead: SLOM", "", "", ""],
            ["", "", "- Open a hotline", "", "TBC", "", "", ""],
            ["", "", "- Print leaflets", "", "Lead: SOMTC,\nACWC\nCSB: ACWC, SLOM, SLOM", "", "", ""],
            ["", "Safe returns", "–", "", "Lead: SLOM", "", "", ""],
            ["", "", "- Map routes\n- Share lists\n- Meet yearly", "", "Lead: SOMTC\n*for clarification\nLead: ACWC",
             "", "", ""],
            ["C. Help those who", "", "- Offer legal aid", "", "Lead: ASLOM", "", "", ""],
        ],
        EIGHT,
    )  # fmt: skip


def _second_page() -> str:
    moved_cell = C("Cut cell", more='<w:cellDel w:id="9" w:author="X"/>')
    wide = [C("Lead: "), C("SOMHD", more="<w:hMerge/>")]
    in_custom = custom(C(custom(paragraph("- Send interpreters"))).xml(2000))
    return table(
        [
            heading(*COLUMNS),
            ["testify in court.", "Court days", "- Pay their travel", "", "Lead: SOMTC", "", "", ""],
            ["", "and days before", "", "", "", "", "", ""],
            ["", C(paragraph("Court days and days before", comment(3))),
             "- Reserve rooms", "", "Lead: ACWC", "", "", ""],
            ["", "", "", "Rooms", "CSB: SLOM", "2029", "", ""],
            custom("<w:tr>" + "".join(C(one).xml(2000) for one in ("", "")) + in_custom + C("").xml(2000)
                   + C("Lead: SOM-ED").xml(2000) + "".join(C("").xml(900) for _ in range(3)) + "</w:tr>"),
            ["", "", "- Film hearings", moved_cell, *wide, "", ""],
            ["D.", "", "", "", "", "", "", ""],
            ["", "Exchange", C(paragraph(comment(5)) + paragraph("- Exchange staff") + paragraph(comment(3))), "",
             "Lead: DGICM", C("", fill="C0C0C0"), "", C(paragraph(comment(1)))],
            [C("E. Cooperation", bold=True), "", "", "", "", "", "", ""],
            ["a. Meet.", "Meetings", "Yearly meeting", "", "Lead: SOMTC", "", "", ""],
            ["F. Follow-up"] * 8,
            ["b. Review.", "Reviews", "a)\nb) Review the plan", "", "Lead: SOMTC", "", "", ""],
        ],
        EIGHT,
    )  # fmt: skip


def _third_page() -> str:
    """No heading: it goes on from the page before."""
    fields = [tick_box("<w:checked/>"), tick_box('<w:default w:val="0"/>')]
    fields += [choice("Planned", "Ongoing", result="1"), choice("Low", "High"), "<w:r><w:fldChar/></w:r>"]
    forms = [each for field in fields for each in (field, run(" "))]
    math = "<m:oMath><m:r><m:t>n+1</m:t></m:r></m:oMath>"
    first, second, third = (run(text) for text in (" either", " either", " at least"))
    either = f"<mc:Choice>{first}</mc:Choice><mc:Fallback>{second}</mc:Fallback>"
    both = (either, f"<mc:Fallback>{third}</mc:Fallback>")
    two = "".join(f"<mc:AlternateContent>{one}</mc:AlternateContent>" for one in both)
    codes = "".join(f'<w:r><w:sym w:font="Wingdings" w:char="{code}"/></w:r>' for code in ("x", "0041", "0001", "F0FE"))
    return table(
        [
            [
                "", "", C(paragraph(run("- Count cases "), f"<w:ins>{math}</w:ins>", f"<w:ins>{two}</w:ins>")),
                "", "Lead: SOMTC", "", C(paragraph(*forms)), C(paragraph(codes, comment(4), comment(77))),
            ],
            [
                "", "", C(paragraph("- Report back", deleted("twice"), deleted(" "), "<w:sdt/>")
                          + '<w:p><w:pPr><w:rPr><w:del w:id="8" w:author="X"/></w:rPr></w:pPr></w:p>'
                          + paragraph('<w:r><w:delText>long ago</w:delText></w:r>')), "",
                C(control(paragraph("Lead: SOMHD"))), "", "", "",
            ],
        ],
        EIGHT,
    )  # fmt: skip


def _by_bands() -> str:
    """Levels as bands above one another, a column of numbers, a column without a heading."""
    return table(
        [
            ["", "", "", ""],
            [C("Version: 3", span=4)],
            [C("No", bold=True), C("Key activities", bold=True), C("Lead", bold=True), C("")],
            [C("G. Partners", span=4, bold=True)],
            [C("1. Wider ties", span=4)],
            [C("1.1 Donors", span=4)],
            ["1\n(new)", "Meet donors", "SOMTC", ""],
            ["2", "(b) Thank donors", "ACWC", ""],
            ["3", "", "", ""],
            [C("1.2 Experts", span=4)],
            [C("4"), C("Hire experts"), C("AICHR"), C(""), C("outside")],
        ],
        [600, 4000, 2000, 900],
    )


def t16() -> Word:
    """Pages with a repeated heading, one without, a table of bands, a table that is none, an empty one."""
    word = Word(comments=COMMENTS, footer="Draft 3 of 2 May 2026\nDraft 3 of 2 May 2026")
    long = (
        "The plan was agreed by all member states after three meetings of experts, and they review it every two years. "
        "It takes the place of the plan before it."
    )
    boxed = f"<w:r><w:pict><w:txbxContent>{paragraph('In a box')}</w:txbxContent></w:pict></w:r>"
    return word.add(
        paragraph("Work Plan on Safe Return 2031-2027", style="Title"),
        paragraph("Section One: Borders", bold=True),
        paragraph(long, bold=True),
        _first_page(),
        paragraph("1. Border and court", bold=True),
        _second_page(),
        custom(paragraph(run("Continued "), boxed)),
        _third_page(),
        '<w:p><w:pPr><w:outlineLvl w:val="0"/></w:pPr>' + run("Annex on partners") + "</w:p>",
        _by_bands(),
        paragraph(""),
        table([heading("Expected outputs", "Budget"), ["Five shelters", "10,000"]], [4000, 4000]),
        table([["", ""]], [4000, 4000]),
        table([heading("Activities", "Lead")], [4000, 4000]),
    )

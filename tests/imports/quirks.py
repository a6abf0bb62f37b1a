"""Word files with what other readers lose, read twice or stop at: numbering, tracked changes, odd tables."""

from tests.imports.shapes import COLUMNS, SIX
from tests.imports.word_files import DOWN, C, R, Word, heading, paragraph, run, table

THREE = [2600, 3400, 2000]
FEW = ("Areas of collaboration", "Activities", "Lead Sectoral Body/ Cooperating Sectoral Body")


def _level(number: int, form: str, text: str, more: str = "") -> str:
    inside = f'<w:start w:val="1"/><w:numFmt w:val="{form}"/>{more}<w:lvlText w:val="{text}"/>'
    return f'<w:lvl w:ilvl="{number}">{inside}</w:lvl>'


NUMBERING = (
    '<w:abstractNum w:abstractNumId="1">' + _level(0, "decimal", "%1.") + _level(1, "decimal", "%1.%2")
    + _level(2, "lowerLetter", "%3)") + "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="2">' + _level(0, "lowerLetter", "%1)", '<w:pStyle w:val="Numbered"/>')
    + "</w:abstractNum>"
    '<w:abstractNum w:abstractNumId="3">' + _level(0, "bullet", "\uf0b7") + "</w:abstractNum>"
    '<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="2"/></w:num>'
    '<w:num w:numId="3"><w:abstractNumId w:val="1"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/>'
    "</w:lvlOverride></w:num>"
    '<w:num w:numId="4"><w:abstractNumId w:val="3"/></w:num>'
)  # fmt: skip


def t10() -> Word:
    """Automatic numbers of several levels, from the paragraph and from its style, begun anew in the second section."""
    one, two = lambda text: paragraph(text, number=(1, 0)), lambda text: paragraph(text, number=(1, 1))
    again, below = lambda text: paragraph(text, number=(3, 0)), lambda text: paragraph(text, number=(3, 1))
    bullet, letter = lambda text: paragraph(text, number=(4, 0)), lambda text: paragraph(text, style="Numbered")
    rows: list = [
        heading(*FEW),
        [C("A. Prevention", span=3, bold=True)],
        [
            C(one("Awareness")),
            C(two("Run a campaign on:") + bullet("radio") + bullet("television") + two("Print a handbook")),
            "1.1 Lead: SOMTC\n1.2 Lead: ACWC",
        ],
        [C(one("Training")), C(two("Train judges")), "Lead: ASLOM"],
        [C("B. Protection", span=3, bold=True)],
        [C(again("Shelters")), C(below("Open shelters")), "Lead: SOMSWD"],
        ["Interpreters", C(letter("Make a roster") + letter("Train interpreters")), "a) Lead: SOMTC\nb) Lead: SOM-ED"],
    ]
    return Word(numbering=NUMBERING).add(table(rows, THREE))


def inserted(*content: str) -> str:
    return f'<w:ins w:id="1" w:author="X">{"".join(content)}</w:ins>'


def deleted(text: str) -> str:
    return f'<w:del w:id="2" w:author="X"><w:r><w:delText xml:space="preserve">{text}</w:delText></w:r></w:del>'


def control(content: str, properties: str = "") -> str:
    return f"<w:sdt><w:sdtPr>{properties}</w:sdtPr><w:sdtContent>{content}</w:sdtContent></w:sdt>"


def box(text: str) -> str:
    inside = f"<w:txbxContent>{paragraph(text)}</w:txbxContent>"
    return (
        f'<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:txbx>{inside}</wps:txbx></w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict>{inside}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )


def t11() -> Word:
    """Tracked changes, comments, footnotes, content controls, a text box, hidden words, ticks."""
    gone = R(
        [C(paragraph(deleted("Old area"))), C(paragraph(deleted("Old activity"))), ""], '<w:del w:id="3" w:author="X"/>'
    )
    new = R([C(paragraph(inserted(run("New area")))), C(paragraph(inserted(run("New activity")))), "Lead: SOMTC"],
            '<w:ins w:id="4" w:author="X"/>')  # fmt: skip
    moved = (
        '<w:moveFromRangeStart w:id="5" w:name="m"/><w:moveFrom w:id="6" w:author="X">' + run("moved words ")
        + '</w:moveFrom><w:moveFromRangeEnd w:id="5"/>'
    )  # fmt: skip
    there = f'<w:moveTo w:id="7" w:author="X">{run(" moved words")}</w:moveTo>'
    comment = '<w:r><w:commentReference w:id="0"/></w:r>'
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    in_control = control(C(paragraph(run("Controlled cell"))).xml(2000))
    whole_row = control(
        "<w:tr>" + "".join(C(text).xml(2000) for text in ("Row area", "Row activity", "Lead: ACWC")) + "</w:tr>"
    )
    hidden = run(" hidden words", "<w:vanish/>")
    tick = '<w:r><w:sym w:font="Wingdings" w:char="F0FC"/></w:r>'
    rows: list = [
        R([C(text, bold=True) for text in (*FEW, "Done")], "<w:tblHeader/>"),
        [
            C(paragraph(run("Kept "), inserted(run("inserted ")), deleted("removed "), run("area"), note)),
            C(paragraph(moved, run("Activity with"), there, comment, hidden)),
            "Lead: SOMTC",
            C(paragraph(tick)),
        ],
        gone,
        new,
        ["Second area", in_control, "Lead: ACWC", ""],
        whole_row,
        [
            C(paragraph(control(run("Area in a control")))),
            C(control(paragraph("Activity in a control")) + paragraph(run("Text before"), box("words in a box"))),
            C(paragraph(run("Lead: SOM"), "<w:r><w:noBreakHyphen/></w:r>", run("ED"))),
            C(paragraph(control(run("Choose a status"), "<w:showingPlcHdr/>"))),
        ],
    ]
    word = Word(footnotes={"2": "As agreed in Bohol"}, comments={"0": ("Reviewer", "Which year?")})
    return word.add(table(rows, [*THREE, 800]))


def t12() -> Word:
    """A merge with nothing above it, a row that begins late, a table in a cell, other widths, right-to-left text."""
    grid = [1000, 1000, 1000, 1000, 1000, 1000]
    inner = table([["inner one", "inner two"]], [500, 500])
    rows: list = [
        R(
            [C("Area of collaboration", span=2), C("Activities", span=2), C("Lead Sectoral Body / CSB", span=2)],
            "<w:tblHeader/>",
        ),
        [C("Orphan area", span=2, merge="continue"), C("First activity", span=2), C("Lead: SOMTC", span=2)],
        R([C("Second activity", span=2), C("Lead: ACWC", span=2)], '<w:gridBefore w:val="2"/>'),
        [C("Third area"), C("Third activity", span=3), C("Lead: SLOM", span=2)],
        [
            C("Fourth area", span=2),
            C(paragraph("Fourth activity") + inner + "<w:p/>", span=2),
            C("Lead: SOMHD", span=2),
        ],
        [
            C("Fifth area", span=2),
            C(f"<w:p><w:pPr><w:bidi/></w:pPr>{run('Fifth activity', '<w:rtl/>')}</w:p>", span=2),
            C("Lead: DGICM", span=2),
        ],
    ]
    return Word().add(table(rows, grid))


def t14() -> Word:
    """What ``recorded/plan-saved-by-libreoffice.docx`` was made from: the same merged, numbered, with bands."""
    rows: list = [
        heading(*COLUMNS),
        [C("A. Prevention", span=6, bold=True)],
        [
            C("a. Increase awareness.", merge="restart"),
            C("Campaigns", merge="restart"),
            C(paragraph("Run a campaign", number=(1, 0)) + paragraph("Print posters", number=(1, 0))),
            "",
            "1. Lead: SOMTC\n2. Lead: ACWC\nCSB: SLOM",
            "",
        ],
        [DOWN, DOWN, "3. Train journalists", "40 trained", "Lead: SOMSWD", "Ongoing"],
        [C("B. Protection", span=6, bold=True)],
        ["b. Protect victims.", "Shelters", "- Open shelters", "", "Lead: SOMSWD\nCSB: All other SB", ""],
    ]
    return Word(numbering=NUMBERING).add(table(rows, SIX))


SPLIT = (
    "Provisio ns of the ACTIP / Secti ons of APA",
    "Possible Areas of Collabo ration Amongst ASEAN Sectoral",
    "Proposed Program me /Project / Activi ties for 2016 - 2020",
    "Expec ted Outputs",
    "Lead Sec toral Body/ Cooperatin",
    "Implementatio n Status",
)


def t15() -> Word:
    """T1 as it comes from a copy of a PDF: lines cut at the edge of their cell, split headings, clipped words."""
    rows: list = [
        heading(*SPLIT),
        [C("A. PREVENTION OF TIP", span=6, bold=True)],
        [
            "A. Increase awareness to\neducate all levels of\nsociety on trafficking in\npersons.",
            "Public awareness\ncampaign on TIP and\nlegal processes",
            "- Linking of SOMTC activities\nin the ASEAN and\nACWC Website and to disse\n"
            "minate materials\n- Develop a tool for school\nheads and teachers.",
            "",
            "Lead: SOMT CSB: SOMSWD a ACWC\nLe ead: SLOM",
            "",
        ],
        ["", "", "-\tResearch on forced labor", "", "ead: ASLOM", ""],
    ]
    return Word().add(table(rows, SIX))

"""Word files in the shapes of real plans (S1 to S8, S11), written by hand; no sentence of a real plan stands in them
but those of the draft that this project ships."""

from tests.imports.word_files import DOWN, C, R, Word, heading, paragraph, table

SIX = [1500, 1700, 2600, 1200, 1800, 1200]
COLUMNS = (
    "Provisions of the ACTIP / Sections of APA",
    "Possible Areas of Collaboration Amongst ASEAN Sectoral Bodies under the Framework of APA",
    "Proposed Programme\n/Project / Activities for 2016 - 2020",
    "Expected Outputs",
    "Lead Sectoral Body/ Cooperating Sectoral Body",
    "Implementatio\nn Status",
)

# The four grammars of the draft: page by page, the rows below the heading.
A1 = [
    [C("A. PREVENTION OF TIP", span=6, bold=True)],
    [
        "A.\nIncrease awareness to educate all levels of society on trafficking in persons.",
        "Public awareness campaign on TIP and Legal processes of Migration",
        "-\tLinking of SOMTC activities in the ASEAN and ACWC Website\n"
        "Disseminate regional materials on Trafficking in Persons",
        "",
        "Lead: SOMTC CSB: ACWC\nCSB: SOMTC & SOMED",
        "",
    ],
    ["", "", "-\tDevelop a tool for school heads and teachers.", "", "CSB: SOMTC & SOMED", ""],
]
A2 = [
    [
        "",
        "",
        "- Develop a Regional Program to commemorate the World Day (July 30)",
        "",
        "Lead: SLOM and SOMTO CSB: AICHR",
        "",
    ],
    ["", "Conduct thematic studies on TIP", "- Research on forced labor issues", "", "Lead: SLOM", ""],
    ["", "", "- Publish an ASEAN Compendium of Orientation Programs,", "", "Lead: SLOM", ""],
]
A3 = [
    ["", "", "and Safe Migration Campaigns", "", "", ""],
    [
        "",
        "Regional Workshops on Prevention Strategies",
        "Conduct Regional Workshops on:\nCommunity-based protection system.\nAddressing Root causes of TIP\n"
        "Effective Communication Strategies [Priority Programme of the AICHR 2016]",
        "",
        "Lead: SOMSWD\nLead: AICHR\nLead: AICHR",
        "",
    ],
    [
        "B.\nContinue capacity building of law enforcement officials.",
        "Regional Capacity Building on TIP",
        "_ Workshop to strengthen Labour Inspectors on:\n• Victim identification\n• International legal framework",
        "",
        "Lead: SLOM CSB: SOMTC",
        "",
    ],
    [
        "",
        "Coordination on Action Plans",
        "Workshop to align National Action Plans",
        "",
        "Lead: SOMTC\nCSB: All other SB",
        "",
    ],
]
B1 = [
    [C("B. Protection of Victims", span=6, bold=True)],
    [
        "\u0391.\nReaffirm that the promotion of human rights is complementary.",
        "A. Annual Consultation on the Implementation of ACTIP (Priority Programme of the AICHR 2016) [ACWC]\n"
        "B. Continue to coordinate efforts to ensure support services [SOMSWD] [SOM-ED]",
        "a) Compilation of good practices (to be presented to ACWC in Feb 2017)\n"
        "b) Development of Guidelines for victim identification (Lead country: ACWC Thailand)\n"
        "c).Regular Workshop on identification of victims\n(inputs from Group 2)",
        "",
        "a)Lead: ACWC\nAICHR,\nSOMHD\nb)Lead:\nACWC\nAICHR,\nSLOM\nc) ACWC\nSOMSWD, ACMW",
        "",
    ],
    [
        "Recognise the role of civil society.",
        "A. Enhancing capacity for law enforcement (inputs from Group 2)",
        "a.1) Training for Law Enforcement on victim identification\na.2) Regular Workshop for frontline officers\n"
        "*For clarification from SOM-ED",
        "",
        "a.1)Lead: SOMTC\nSLOM, ASLOM\na.2) Lead: SOM-ED/ SOMSWD\nAICHR ACWC",
        "",
    ],
]
C1 = [
    [C("C. Law Enforcement and Prosecution", span=6, bold=True)],
    [
        "B.\nDevelop pro-active investigation methods.",
        "1. Utilize existing mechanisms including:\n1.1 INTERPOL tools and resources;\n1.2 DGICM forum;\n"
        "2. Tap the assistance of foreign missions",
        "1.1.1 I-24/7, Red Notice\n1.1.2 MIND/FIND Program\n1.2.1 Elaborate the Intelligence Forum.",
        "",
        "Lead: SOMTC\nCooperating Sectoral Body: DGICM",
        "",
    ],
    [
        "C.\nEnhance efforts to investigate.",
        "Increase the number of Notifications",
        "1.1 Raise the awareness on the Vienna Convention",
        "",
        "Lead: DGICM\nCooperating Sectoral Body:",
        "",
    ],
    [
        "",
        "Regional capacity building for prosecutors.",
        "1.1 Joint activities for prosecutors\n1.2 Tap the Council of Chief Justices",
        "",
        "Lead: SOMTC\nLead: ASLOM",
        "",
    ],
    ["H.\nContinue the development of protection.", "Tap the assistance of NGO.", "", "", "Lead: SOMTC", ""],
]
D1 = [
    [C("D. Regional and International Cooperation", span=6, bold=True)],
    [
        "A.\nStrengthen capacity building.",
        "1. Share practices\n2. Use the Bali Process",
        "2.1 Tapping existing programs of the Bali Process",
        "",
        "Lead: ASLOM",
        "",
    ],
    [
        "B.\nRender mutual legal assistance.",
        "Encourage treaties",
        "1.1 Expand the coverage of treaties\n1.2 Use I-24/7 by the specialist unit\n1.3 Establish a registry",
        "",
        "ead: ASLOM\nLe ead: SOMTC",
        "",
    ],
]
PAGES = (A1, A2, A3, B1, C1, D1)


def t1() -> Word:
    """S1: one table a page, the header repeated."""
    word = Word()
    for page in PAGES:
        word.add(table([heading(*COLUMNS), *page], SIX), paragraph(""))
    return word


def t2() -> Word:
    """S1 as one long table whose heading repeats, with cells left blank instead of merged."""
    return Word().add(table([heading(*COLUMNS), *(row for page in PAGES for row in page)], SIX))


def t3() -> Word:
    """S2: a preamble before the table, lower-case markers, the endorsement in the footer."""
    columns = (
        *COLUMNS[:2],
        COLUMNS[2],
        "Expected Outputs",
        "Lead and Cooperating Sectoral Body/Organ",
        "Implementation Status",
    )
    word = Word(footer="Endorsed Ad Referendum by SOMTC as of 14 November 2017, page 1")
    word.add(paragraph("Work Plan against Trafficking in Persons 2017-2020", style="Title"))
    word.add("The Leaders adopted the Convention.", "This plan carries it out.")
    rows: list = [
        heading(*columns),
        [C("A. PREVENTION OF TIP", span=6, bold=True)],
        [
            C("a. Increase awareness campaigns.", merge="restart"),
            C("Public awareness", merge="restart"),
            "- Link websites",
            "Links",
            "Lead: SOMTC\nCSB: ACWC",
            "Completed",
        ],
        [DOWN, DOWN, "- Print posters", "TBC", "Lead Sectoral Body: ACWC", "on-going"],
        ["b. Continue capacity building.", "Training", "- Train judges", "", "Lead: ASLOM", ""],
    ]
    return word.add(table(rows, SIX))


FIVE = [600, 2200, 2200, 3000, 1800]
GOALS = ("No", "Strategic Goal", "Outcomes", "Activities", "Timeline/Target year of achievement of outcome")


def _goals_page(goal: str, rows: list) -> str:
    return table([[C(goal, span=5, bold=True)], heading(*GOALS), *rows], FIVE)


def t4() -> Word:
    """S3: no column of bodies, the coordinator in brackets, the year beside the outcome, two half-tables on a page."""
    first = _goals_page(
        "Goal 1: Awareness",
        [
            [
                "1",
                C("The public knows forced labour (Council for Awareness)", merge="restart"),
                C("1.1 Campaigns reach workers", merge="restart"),
                "Run a national campaign (NAPTIP)",
                C("2023 (partially), 2025", merge="restart"),
            ],
            ["", DOWN, DOWN, "Train journalists:\na) in the capital\nb) in the states", DOWN],
            ["", DOWN, "1.2 Schools teach it", "Write a module\nTest the module in ten schools", "2022"],
        ],
    )
    second = _goals_page("Goal 1: Awareness", [["", "", "", "Print the module", ""]])
    third = _goals_page(
        "Goal 2: Enforcement",
        [
            [
                "2",
                "Offenders are prosecuted (Enforcement Council)",
                "2.1 More cases in court",
                "Train prosecutors",
                "2024",
            ]
        ],
    )
    inner = "<w:p/>".join((second, ""))
    page = table([[C(inner + "<w:p/>"), C(third + "<w:p/>")]], [5000, 5000])
    return Word().add(first, paragraph(""), page)


def t5() -> Word:
    """S3 and S4 in one file: the plan, then its monitoring framework, which is no plan."""
    word = t4()
    return word.add(
        paragraph("Annex 2", bold=True),
        table(
            [
                heading(
                    "Strategic Goals", "Indicators", "Means of verification", "Who will do the monitoring?", "Frequency"
                ),
                [
                    C("Overall goal", merge="restart"),
                    "Number of cases (by sex, age group, state)",
                    "Court records",
                    "Ministry with Department of Statistics",
                    "Annually",
                ],
                [
                    DOWN,
                    "Share of workers who know",
                    "Survey",
                    "Department of Statistics",
                    "Twice (BL & at the end of 2025)",
                ],
            ],
            FIVE,
        ),
    )


def t6() -> Word:
    """S5: activities and indicators as typed bullets in two cells of one row, not paired; actors by kind."""
    return Word().add(
        table(
            [
                heading("Objective", "Activities", "Actors", "Indicators"),
                [
                    "Prevent trafficking at its roots",
                    "· Map the sources of risk\n· Offer training\n· Offer micro-credit",
                    "Ministry of Labour and Social Affairs, Other Government agencies (e.g. Police)",
                    "· Number of people trained\n· Number of credits",
                ],
            ],
            [2000, 3000, 2500, 2500],
        )
    )


def t7() -> Word:
    """S6: two heading rows, quarters told by shading, a row of totals at the end of each output."""
    grid = [1800, 2600, 500, 500, 500, 500, 1500, 1000, 1000, 1400]
    top = R(
        [
            C("Expected outputs", merge="restart"),
            C("Planned activities", merge="restart"),
            C("Time frame", span=4),
            C("Responsible", merge="restart"),
            C("Budget", merge="restart"),
            C("Monitoring framework", span=2),
        ],
        "<w:tblHeader/>",
    )
    below = R(
        [DOWN, DOWN, "Q1", "Q2", "Q3", "Q4", DOWN, DOWN, "Expenditures", "Progress towards outputs"], "<w:tblHeader/>"
    )
    grey = C(fill="808080")
    rows: list = [
        top,
        below,
        [
            C("Output 1: Laws are aligned\nBaseline: none", merge="restart"),
            "Review laws",
            grey,
            grey,
            "",
            "",
            "SOMTC",
            "10,000",
            "",
            "",
        ],
        [DOWN, "Draft a guide", "", "", C("", fill="808080"), C("x"), "ASLOM", "5,000", "4,200", "Draft ready"],
        ["Total output 1", "", "", "", "", "", "", "15,000", "4,200", ""],
    ]
    return Word().add(table(rows, grid))


def t8() -> Word:
    """S7: facts of the plan above the headings in the same table; letters in quarters."""
    return Word().add(
        table(
            [
                [C("Project title:", span=2), C("Safe return", span=7)],
                [C("Goal:", span=2), C("Nobody is returned into danger", span=7)],
                heading(
                    "Annual objectives", "Measure(s) of success", "Activities", "Q1", "Q2", "Q3", "Q4",
                    "Team member responsible", "Completion date",
                ),
                ["Train staff", "40 trained", "Hold a course", "P", "X", "C", "", "SOMSWD", "30 Sep"],
                ["", "", "Print a handbook", "", "P", "", "", "SOMSWD", "TBD"],
            ],
            [1500, 1500, 2000, 400, 400, 400, 400, 1500, 1200],
        ),
        "P planned, X in progress, C completed",
    )  # fmt: skip


def t9() -> Word:
    """S8 and S11: a form for each commitment, and a table of comments. Neither is a plan."""
    form = table(
        [
            [C("Commitment form", span=2)],
            ["Number and name of the commitment", "1. Open registers"],
            ["Lead implementing agency", "Registry Office"],
            ["Start date", "1 July 2016"],
        ],
        [3000, 5000],
    )
    notes = table(
        [heading("Blueprint paragraph", "Explanatory Notes"), ["1. Promote rules", "It builds on the charter."]],
        [4000, 4000],
    )
    return Word().add(form, paragraph(""), notes)

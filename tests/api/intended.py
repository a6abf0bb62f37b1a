"""What differs on purpose from the release that other programs were written against."""

from tests.api.recording import Intended

HEADER = '{"schema": {"type": "string"}}'  # what the description says of a header
NO_LEAD = "Where no body leads, no report is due from anybody."
PUBLISHED = "In a published round what is missing was not received."

# Differences from the release that are meant: where, with * for anything, why, and what differs.
INTENDED: tuple[Intended, ...] = (
    Intended("* > headers > Cache-Control", "What is shown to signed-in people is kept by nobody; the rest says how."),
    Intended("* > a token is given > body > expiry", "A token ends some day."),
    Intended("openapi > components > schemas > Round > required", "Rounds say where their dates are days."),
    Intended("* > time_zone", "Rounds say where their dates are days."),
    Intended("* > refused_actions", "Why the caller cannot approve or concur with what they had a part in."),
    Intended("openapi > components > schemas > Update* > required", "An update has refused_actions."),
    Intended("writes > who may approve: focal point > body > error > message", "It names every part, not two of them."),
    Intended("addresses > /plans/{plan}/activities/?colour=red > *", "Pages leave out what is not theirs."),
    Intended(
        "* > headers > WWW-Authenticate",
        "The scheme is called by the name that other programs know.",
        r'was "Token", is "Bearer realm=\"apta\""',
    ),
    Intended("writes > only a token can be given back > body > error > message", "It names the scheme as well."),
    *(
        Intended(f"writes > {step} > headers > ETag", "The tag is that of what was made, not of the activity.", "was *")
        for step in (
            "SOMTC reports on *",
            "ACWC reports",
            "a draft is begun",
            "a second draft is begun",
            "the secretariat records a status",
            "a report is corrected",
        )
    ),
    *(
        Intended(
            f"{address} > * > body > error > fields > * > 0",
            "updated_since is among the parameters that a refusal lists.",
            "was *There is no parameter*, is *There is no parameter*, updated_since, *",
        )
        for address in (
            "plan > GET sections/?colour=red",
            "plan > GET provisions/?colour=red",
            "plan > GET areas/?colour=red",
            "plan > GET bodies/?colour=red",
            "reports > GET contributions/?colour=red",
            "rounds > GET rounds/?colour=red",
            "views > GET views/?colour=red",
            "views > GET views/?shared=1",
            "views > GET views/?mine=1",
        )
    ),
    Intended("openapi > paths > * > get > parameters > updated_since", "Every list takes it.", "is new: *"),
    Intended("openapi > paths > * > operationId", "Generated clients call operations as a person would.", "was *"),
    Intended(
        "openapi > paths > * > parameters > 0 > examples > Version3 > value",
        "A tag names its record.",
        r'was "\"3-*\"", is "\"3-*.*-*\""',
    ),
    Intended("openapi > paths > * > responses > 411", "A body in chunks has a status of its own.", "is new: *"),
    Intended(
        "openapi > paths > * > post > responses > 201 > headers",
        "What was made names its address and its tag.",
        f'is new: {{"Location": {HEADER}, "ETag": {HEADER}, *}}',
    ),
    *(
        Intended(f"openapi > paths > * > responses > * > {where}", "Every answer has the id of its request.", what)
        for where, what in (
            ("headers", f'is new: {{"X-Request-ID": {HEADER}}}'),
            ("headers > X-Request-ID", f"is new: {HEADER}"),
        )
    ),
    *(
        Intended(f"openapi > components > schemas > * > properties > * > oneOf > 1 > {key}", "Null is a type.", what)
        for key, what in (
            ("$ref", 'is gone; it was "#/components/schemas/NullEnum"'),
            ("type", 'is new: "null"'),
        )
    ),
    Intended("openapi > components > schemas > SavedView > properties > owner > type", "Null is named once."),
    *(
        Intended(f"openapi > components > schemas > {old}", "Another name says what it is of.", "is gone; *")
        for old in ("NullEnum", "PageEnum", "GapEnum", "SavedViewAllowedActionsEnum", "Exception", "ExceptionInput")
    ),
    *(
        Intended(f"openapi > components > schemas > {new}", "The new name.", "is new: *")
        for new in ("CoverageGapKind", "SavedViewAction", "SavedViewPage")
    ),
    *(
        Intended(
            f"openapi > components > schemas > {where} > $ref", "It leads to the new name.", f'was *, is "*/{new}"'
        )
        for where, new in (
            ("CoverageGap > properties > gap", "CoverageGapKind"),
            ("PatchedSavedViewChange > properties > page", "SavedViewPage"),
            ("SavedView > properties > page > allOf > 0", "SavedViewPage"),
            ("SavedViewInput > properties > page", "SavedViewPage"),
            ("SavedView > properties > allowed_actions > items", "SavedViewAction"),
            ("Round > properties > exceptions > items", "DeadlineExtensionInBrief"),
        )
    ),
    Intended("openapi > components > securitySchemes > token > *", "It is the Bearer scheme of HTTP."),
    Intended("openapi > paths > /api/v1/rounds/{id}/exceptions/*", "More time has a version, and is taken back."),
    Intended("reports > GET updates/?colour=red > * > body > *", "Reports are also listed as of a moment."),
    Intended("openapi > paths > */updates/ > get > parameters > as_of", "Reports are listed as of a moment, too."),
    *(
        Intended(where, "Other columns of an imported plan are kept, with the cells that were read.", "is new: *")
        for where in (
            *(f"* > {name}" for name in ("attributes", "source_cells", "bodies_source_cells")),
            "openapi > paths > * > get > parameters > attribute",
        )
    ),
    Intended("openapi > components > schemas > ActivityDetail > properties > bodies_as_printed > maxLength", "A cell."),
    *(
        Intended(f"{where} > * > body > error > fields > * > 0", "attribute is one of them.", "*, attribute, *")
        for where in ("activities > GET activities/?colour=red", "figures > GET *")
    ),
    Intended(
        "writes > a view with a filter that is none is refused > body > error > fields > query > 0",
        "attribute is among the parameters.",
    ),
    Intended("openapi > components > schemas > *DeadlineExtension*", "What these new addresses answer and take."),
    Intended("openapi > paths > /api/v1/rounds/{id}/publish/ > post > requestBody", "Bodies that lose are named."),
    Intended("openapi > paths > /api/v1/rounds/{id}/schedule/", "A day of publication is set."),
    Intended("openapi > paths > /api/v1/rounds/{id}/unschedule/", "A day of publication is taken back."),
    Intended("openapi > paths > /api/v1/rounds/{id}/withdraw/", "A publication is withdrawn."),
    Intended("openapi > components > schemas > Publication*", "What these new addresses take."),
    Intended("* > allowed_actions", "A publication is set for a day, and withdrawn."),
    Intended("* > asks_for_all", "A round asks about every activity, or about those that go on."),
    Intended("* > publish_on", "A publication is set for a day."),
    Intended("* > deferred_until", "A deferred activity is reported on again from a day on."),
    Intended("* > not_received", "In a published round nothing is due or overdue; what is missing was not received."),
    Intended("* > without_lead", "Activities without a lead body are counted apart."),
    Intended("openapi > * > enum", "Not received is a state and a timeliness; rounds have three more actions."),
    Intended("openapi > components > schemas > * > required", "The fields that are new are always there."),
    Intended("openapi > components > schemas > BodyCompletion > properties > body > type", "Every row is of a body."),
    Intended("writes > a round is published > sent", "Bodies that lose something are named."),
    Intended("writes > everything that is wrong is named > * > fields > colour > 0", "A report has one field more."),
    *(
        Intended(f"activities > GET activities/?{one}* > results > *", NO_LEAD)
        for one in ("limit", "section", "body", "role=cooperating", "report_state=draft")
    ),
    Intended("activities > GET activities/?ordering=status* > results > *", NO_LEAD),
    *(
        Intended(f"addresses > {one}/{action}/", "A publication is set for a day, and withdrawn.")
        for one in ("/plans/{plan}/rounds/2018-1", "/api/v1/rounds/{round:2018-1}")
        for action in ("schedule", "unschedule", "withdraw")
    ),
    Intended("activities > GET activities/?timeliness=*", NO_LEAD),
    Intended("activities > GET activities/?round=*", NO_LEAD),
    Intended("activities > GET activities/?silent=*", NO_LEAD),
    Intended("activities > GET activities/?gap=no_lead > * > results > *", NO_LEAD),
    Intended("activities > GET activities/?updated_since=* > results > *", NO_LEAD),
    Intended("rounds > GET rounds/* > total > *", f"{NO_LEAD} {PUBLISHED}"),
    Intended("rounds > GET rounds/* > bodies", f"{NO_LEAD} {PUBLISHED}"),
    Intended("rounds > GET rounds/*/obligations/* > results > *", f"{NO_LEAD} {PUBLISHED}"),
    Intended("figures > GET summary/* > by_round > * > counts > *", f"{NO_LEAD} {PUBLISHED}"),
    Intended("* > confirmed_on", "A status keeps its date; when it was confirmed without change is a date of its own."),
    Intended("* > correct*", "A correction names the report that it corrects, and the report its correction."),
    Intended("* > allowed_actions", "An approved report can be corrected."),
    Intended("* > no change is reported on several > * > as_of", "Its date is the end of the period, as in the form."),
    Intended("openapi > paths > /api/v1/updates/{id}/correct/*", "An approved report can be corrected."),
    Intended("openapi > components > schemas > ReportCorrection*", "What the new address takes."),
    Intended("openapi > components > schemas > Activity* > required", "It always answers `confirmed_on`."),
    Intended("openapi > components > schemas > Update* > required", "It always answers `corrects`."),
    Intended("openapi > components > schemas > UpdateAction > enum", "An approved report can be corrected."),
    Intended("openapi > paths > * > get > parameters > cursor", "Every list is read by cursor, too.", "is new: *"),
    Intended(
        "openapi > components > schemas > * > properties > count > type",
        "By cursor nothing is counted.",
        'was "integer", is ?"integer", "null"?',
    ),
    *(
        Intended(
            f"{request} > * > body > error > fields > * > 0", "A refusal lists them.", "*, cursor, fields, omit, *"
        )
        for request in (
            "search > GET search/?q=victims&colour=red",
            "questions > GET questions/?colour=red",
            "questions > GET questions/?ordering=none",
        )
    ),
    *(
        Intended(f"openapi > paths > * > get > parameters > {name}", "Fields of a row are chosen.", "is new: *")
        for name in ("fields", "omit")
    ),
    Intended("openapi > paths > * > get > parameters > format", "Every list is a file, too.", "is new: *"),
    Intended("openapi > paths > * > get > responses > 200 > content > *", "Every list is a file, too.", "is new: *"),
    Intended(
        "* > headers > Vary",
        "The form of a list depends on what is accepted.",
        'was "Authorization, Cookie", is "Authorization, Cookie, Accept"',
    ),
    Intended("elsewhere > GET  > *", "The API begins with a list of its lists."),
    Intended("openapi > paths > /api/v1/", "The API begins with a list of its lists.", "is new: *"),
    Intended("openapi > components > schemas > Index", "The API begins with a list of its lists.", "is new: *"),
    *(
        Intended(f"openapi > paths > * > get > parameters > {name}", "Activities are filtered by it.", "is new: *")
        for name in ("status_as_of__gte", "status_as_of__lte", "expected_output__empty")
    ),
    *(
        Intended(
            f"openapi > paths > /api/v1/{records}/{{id}}/* > parameters > * > schema > type",
            "A code names them as well.",
            'was "integer", is "string"',
        )
        for records in ("plans", "rounds")
    ),
    Intended("openapi > paths > * > security > 0 > token", "A token has scopes.", "was [[]], is [[]*"),
    Intended("openapi > paths > /api/v1/tokens/*", "Tokens are made, listed and revoked.", "is new: *"),
    *(
        Intended(f"openapi > components > schemas > {name}", "Tokens are made, listed and revoked.", "is new: *")
        for name in ("KeptToken", "MadeToken", "PaginatedKeptTokenList", "TokenInput", "TokenScope")
    ),
)

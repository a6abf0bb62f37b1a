"""What is read in the scene: every list and record of the API by family, and every address with its status."""

from tests.api.scene import API, PLAN

ROUND_VERBS = ("open", "close", "reopen", "publish", "schedule", "unschedule", "withdraw")

# What is kept of an answer: all of it; of a list only which rows in which order; the same for the visitor alone.
FULL, BRIEF, ROWS = "full", "brief", "rows"

_LISTS = "limit=2", "limit=2&offset=1", "ordering=-ref&limit=2"
_REFUSED = "colour=red", "limit=0", "offset=-1", "plan=none", "ordering=none"


def _queries(address: str, *queries: str) -> list[tuple[str, str]]:
    return [(f"{address}?{query}", ROWS) for query in queries]


def _by_reader(address: str, *queries: str) -> list[tuple[str, str]]:
    return [(f"{address}?{query}", BRIEF) for query in queries]


READS: dict[str, list[tuple[str, str]]] = {
    "plan": [
        *(("plans/", FULL), ("plans/1/", FULL), ("sections/", FULL), ("sections/{s:B}/", FULL)),
        *_queries("sections/", *_REFUSED, f"plan={PLAN}", "ref=A&ref=C", "q=victims", "ordering=-ref"),
        *(("provisions/?limit=2", FULL), ("provisions/{p:A.1}/", FULL), ("provisions/", BRIEF)),
        *_queries("provisions/", *_REFUSED, "section=B", "area=A.1.1", "q=training", "empty=1", "empty=activities"),
        *(("areas/?limit=2", FULL), ("areas/{area:A.1.1}/", FULL), ("areas/", BRIEF)),
        *_queries("areas/", *_REFUSED, "section=D", "provision=B.1", "area=C.1.1", "q=training", "empty=activities"),
        *(("bodies/?limit=3", FULL), ("bodies/SOMTC/", FULL), ("bodies/", BRIEF), ("bodies/NONE/", FULL)),
        *_queries("bodies/", *_REFUSED, "pillar=socio_cultural", "q=education", "ordering=-acronym"),
    ],
    "activities": [
        *(("activities/?limit=2", FULL), ("activities/?limit=100", BRIEF)),
        *((f"activities/{{a:{ref}}}/", FULL) for ref in ("A.1.1.1", "A.1.1.2", "A.1.1.4", "A.6.1.3", "C.1.1.1.1")),
        ("activities/999999999/", FULL),
        *_queries("activities/", *_LISTS, *_REFUSED),
        *_queries(
            "activities/", "section=A&section=C&limit=5", "section=Z", "provision=B.1", "area=C.1.1", "area=B.99"
        ),
        *_queries("activities/", "body=som-ed", "body=ACWC&role=lead", "role=cooperating&limit=5", "body=none"),
        *_queries(
            "activities/", "status=ongoing", "status=completed&status=ongoing", "status=done", "kind=area&limit=5"
        ),
        *_by_reader("activities/", *(f"report_state={one}" for one in ("draft", "submitted", "returned", "approved"))),
        *_by_reader("activities/", *(f"timeliness={one}" for one in ("due_soon", "on_time", "late"))),
        *_by_reader("activities/", "timeliness=overdue&limit=100", "timeliness=not_due&limit=100", "view=quiet"),
        *_queries("activities/", "timeliness=on_time&round=2017-2", "report_state=approved&round=2017-2"),
        *_queries("activities/", "round=2018-1&limit=3", "round=2099-1", "silent=1&limit=3", "silent=99"),
        *_queries(
            "activities/", "gap=no_lead", "gap=none", "q=training&limit=5", "q=trainin", "ref=A.1.1.1&ref=A.1.1.2"
        ),
        *_queries("activities/", "updated_since=2018-07-01", "updated_since=soon", "view=ongoing-work"),
        *_queries("activities/", "as_of=2018-02-01&status=ongoing", "as_of=2018-02-01&timeliness=overdue"),
        *_queries(
            "activities/", "ordering=-updated_at&limit=3", "ordering=status&limit=3", "ordering=-status_as_of&limit=3"
        ),
        ("activities/?as_of=2018-02-01&limit=1", FULL),
        ("activities/{a:A.1.1.1}/updates/", FULL),
        ("activities/{a:A.1.1.4}/updates/", BRIEF),
        ("activities/{a:A.1.1.1}/contributions/", FULL),
    ],
    "reports": [
        ("updates/", BRIEF),
        *(
            (f"updates/{{{name}}}/", FULL)
            for name in ("draft", "joint", "returned", "waiting", "direct", "direct draft")
        ),
        ("updates/999999999/", FULL),
        *_queries("updates/", "limit=2", *_REFUSED, "state=none"),
        *_by_reader("updates/", "state=draft", "state=submitted&state=returned"),
        *_queries("updates/", "status=completed", "kind=correction", "section=C", "activity=A.1.1.4", "body=SOMTC"),
        *_queries("updates/", "round=2017-2", "q=module", "ordering=as_of", "updated_since=2018-07-01T05:00:00Z"),
        *(("updates/{joint}/comments/", FULL), ("updates/{draft}/comments/", FULL)),
        *(("contributions/", FULL), ("contributions/{contribution}/", FULL)),
        *_by_reader("contributions/", "colour=red", "body=ACWC", "round=2018-1", "activity=A.1.1.1", "body=SOMTC"),
    ],
    "rounds": [
        *(
            ("rounds/?limit=2", FULL),
            ("rounds/", BRIEF),
            ("rounds/{round:2017-2}/", FULL),
            ("rounds/{round:2018-1}/", FULL),
        ),
        *_queries("rounds/", *_REFUSED, "state=open", "state=none", "kind=final", "ordering=-due_on"),
        *((f"rounds/{{round:{code}}}/completion/", FULL) for code in ("2017-2", "2018-1", "2018-2")),
        *(
            ("rounds/{round:2018-1}/obligations/?limit=3", FULL),
            ("rounds/{round:2018-1}/obligations/?limit=100", BRIEF),
        ),
        *_queries(
            "rounds/{round:2018-1}/obligations/", *_REFUSED, "state=draft", "state=returned", "timeliness=overdue"
        ),
        *_queries(
            "rounds/{round:2018-1}/obligations/",
            "body=SLOM",
            "section=D",
            "activity=A.1.1.4",
            "ordering=-due_on&limit=2",
        ),
    ],
    "questions": [
        *(
            ("questions/?limit=2", FULL),
            ("questions/?limit=1000&kind=missing_lead", BRIEF),
            ("questions/?limit=3", BRIEF),
        ),
        *_queries("questions/", *_REFUSED, "state=settled", "section=D", "record=provision", "ref=A.1.1.2", "q=lead"),
        *((f"questions/{PLAN}.{key}/", FULL) for key in ("reading.activity.A.1.1.1", "missing_lead.activity.A.1.1.2")),
        (f"questions/{PLAN}.missing_lead.activity.A.9.9.9/", FULL),
    ],
    "views": [
        *(("views/", FULL), ("views/ongoing-work/", FULL), ("views/quiet/", FULL), ("views/none/", FULL)),
        *_by_reader("views/", *_REFUSED, "q=somtc", "shared=1", "mine=1", "ordering=-name"),
    ],
    "figures": [
        *(("summary/?section=D", FULL), ("summary/?view=ongoing-work", FULL), ("summary/?colour=red", FULL)),
        *(("summary/?as_of=2018-02-01&provision=A.1", FULL), ("summary/?limit=2", FULL)),
        *(
            ("coverage/?section=D", FULL),
            ("coverage/?body=SLOM&role=lead&section=A", FULL),
            ("coverage/?gap=none", FULL),
        ),
        *(("compare/?from=2017-2&to=2018-08-01&limit=2", FULL), ("compare/?from=2018-06-01&to=2017-2", FULL)),
        *(("compare/?from=none", FULL), ("compare/?from=2018-02-01&to=2018-07-15&section=C&limit=3", FULL)),
        *(("compare/?limit=1&section=D", FULL), ("compare/?from=2018-2", FULL)),
    ],
    "search": [
        *(
            ("search/?q=victims&limit=2", FULL),
            ("search/?q=module", FULL),
            ("search/?q=a114", FULL),
            ("search/?q=", FULL),
        ),
        *(("search/?q=traning&limit=1", FULL), ("search/?q=traning&exact=1", FULL), ("search/?q=somtc&limit=1", FULL)),
        *(("search/?q=victims&kind=area&section=B&limit=1", FULL), ("search/?q=module&status=ongoing", FULL)),
        *(("search/?kind=none", FULL), ("search/?q=victims&colour=red", FULL)),
    ],
    "elsewhere": [("nothing-at-all/", FULL), ("", FULL), ("token/", FULL), ("updates/approve/", FULL)],
}

# Every address that stands in `urls`, filled in; `{names}` are those of the scene. Those that only take POST too.
PAGES = [
    *("/", "/plans/", "/plans/{plan}/", "/plans/{plan}/dashboard/", "/plans/{plan}/home/", "/plans/none/"),
    *("/plans/{plan}/embed/status/", "/plans/{plan}/status.svg", "/plans/{plan}/activities/"),
    *("/plans/{plan}/activities/?status=ongoing", "/plans/{plan}/activities/?view=ongoing-work"),
    *("/plans/{plan}/activities/?view=quiet", "/plans/{plan}/activities/?colour=red"),
    *("/plans/{plan}/activities/?status=none", "/plans/{plan}/activities/?as_of=2018-02-01"),
    *("/plans/{plan}/activities.csv", "/plans/{plan}/activities.csv?colour=red"),
    "/plans/{plan}/activities/update/?ref=A.1.1.1",
    *(f"/plans/{{plan}}/activities/A.1.1.1/{one}" for one in ("", "update/", "report/", "contribution/")),
    *("/plans/{plan}/activities/A.9.9.9/", "/plans/{plan}/rounds/", "/plans/{plan}/rounds/new/"),
    *("/plans/{plan}/rounds/plan/", "/plans/{plan}/rounds/completion.csv", "/plans/{plan}/rounds/completion.xlsx"),
    *(
        f"/plans/{{plan}}/rounds/2018-1/{one}"
        for one in ("", "edit/", "exception/", "completion.csv", "completion.pdf")
    ),
    *(f"/plans/{{plan}}/rounds/2018-1/{one}/" for one in (*ROUND_VERBS, "delete", "none")),
    *("/plans/{plan}/bodies/SOMTC/deadlines.ics", "/plans/{plan}/bodies/", "/plans/{plan}/bodies/SOMTC/"),
    *("/plans/{plan}/questions/", "/plans/{plan}/questions.csv"),
    *("/plans/{plan}/questions/reading/activity/A.1.1.1/", "/plans/{plan}/views/new/?query=section%3DA"),
    *("/views/", "/views/ongoing-work/", "/views/quiet/"),
    *(f"/views/ongoing-work/{one}/" for one in ("edit", "delete", "follow", "unfollow", "feed")),
    *("/plans/{plan}/coverage/", "/plans/{plan}/coverage.csv", "/plans/{plan}/coverage.xlsx"),
    *("/plans/{plan}/compare/", "/plans/{plan}/compare.csv", "/plans/{plan}/compare.xlsx", "/plans/{plan}/timeline/"),
    *("/my/", "/my/alike/", "/my/messages/", "/review/", "/audit/", "/audit/requests/r/", "/messages/"),
    *(f"/reports/{{{name}}}/" for name in ("draft", "waiting", "returned", "joint")),
    *(f"/reports/{{{name}}}/edit/" for name in ("draft", "waiting", "returned", "joint")),
    *(f"/reports/{{draft}}/{one}/" for one in ("submit", "discard", "approve", "return", "concur", "comment", "none")),
    "/evidence/{link}/",
    *("/search/?q=victims", "/jump/?q=a114", "/style/", "/robots.txt", "/sitemap.xml"),
    *("/accounts/login/", "/accounts/logout/", "/accounts/inactive/", "/accounts/password/change/"),
    *("/accounts/password/set/", "/accounts/password/reset/", "/accounts/password/reset/done/"),
    *("/accounts/password/reset/key/done/", "/accounts/password/reset/key/x-y/", "/accounts/signup/"),
    *("/admin/", "/admin/login/", "/admin/password_change/", "/admin/workplan/", "/admin/nothing/"),
    *("/api/docs/", "/api/v1/schema/"),
    *(f"{API}rounds/{{round:2018-1}}/{one}/" for one in (*ROUND_VERBS, "exceptions", "alike")),
    *(
        f"{API}updates/{{draft}}/{one}/"
        for one in ("submit", "approve", "return", "concur", "comments", "evidence", "evidence/1")
    ),
    *(f"{API}rounds/plan/", f"{API}views/ongoing-work/follow/", f"{API}views/ongoing-work/unfollow/"),
    f"{API}questions/{PLAN}.reading.activity.A.1.1.1/settle/",
]
MODELS_IN_ADMIN = [
    *("workplan", "section", "provision", "collaborationarea", "activity", "responsibility", "sectoralbody"),
    *("bodyalias", "statusupdate", "evidence", "review", "decision", "reportinground", "lateexception", "obligation"),
    *("contribution", "auditentry", "user", "membership", "apitoken"),
]
PAGES += [f"/admin/workplan/{name}/" for name in MODELS_IN_ADMIN]
PAGES += [f"/admin/workplan/{name}/add/" for name in ("activity", "statusupdate", "user")]

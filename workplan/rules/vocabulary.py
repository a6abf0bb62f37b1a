"""The vocabularies of the plan: each word with its label and its meaning."""

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """One value of a vocabulary.

    Attributes:
        value: what is stored and what the API says.
        label: what a page says.
        meaning: one sentence for whoever has to choose it.
        iati: the IATI activity status code it corresponds to, empty where IATI has none
            (code list ActivityStatus of the IATI Standard 2.03).
        sign: a character that distinguishes it without colour; empty where only words do.
    """

    value: str
    label: str
    meaning: str
    iati: str = ""
    sign: str = ""


class Vocabulary:
    """An ordered, closed set of terms."""

    def __init__(self, *terms: Term) -> None:
        self._terms = {term.value: term for term in terms}

    def __iter__(self) -> Iterator[Term]:
        return iter(self._terms.values())

    def __contains__(self, value: object) -> bool:
        return value in self._terms

    def __getitem__(self, value: str) -> Term:
        return self._terms[value]

    @property
    def values(self) -> list[str]:
        return list(self._terms)

    @property
    def choices(self) -> list[tuple[str, str]]:
        return [(term.value, term.label) for term in self]

    def label(self, value: str) -> str:
        return self._terms[value].label


NOT_REPORTED = "not_reported"
COMPLETED, DEFERRED, CANCELLED = "completed", "deferred", "cancelled"

# Nothing is to be done any more.
ENDS_WORK = (COMPLETED, CANCELLED)

STATUSES = Vocabulary(
    Term(NOT_REPORTED, "Not reported", "Nobody has reported on this activity yet.", sign="◌"),
    Term("not_started", "Not started", "The work has not begun.", iati="1", sign="○"),
    Term("ongoing", "Ongoing", "The work is under way.", iati="2", sign="◐"),
    Term("completed", "Completed", "The work is done and its output delivered.", iati="4", sign="●"),
    Term("deferred", "Deferred", "The work is postponed.", iati="6", sign="□"),
    Term("cancelled", "Cancelled", "The work will not be done.", iati="5", sign="☒"),
)

DRAFT, SUBMITTED, RETURNED, APPROVED = "draft", "submitted", "returned", "approved"

REPORT_STATES = Vocabulary(
    Term(DRAFT, "Draft", "Being written; visible only to its body and the secretariat."),
    Term(SUBMITTED, "Submitted", "Submitted; the secretariat has to review it."),
    Term(RETURNED, "Returned", "Returned to its author with a reason, to be revised and resubmitted."),
    Term(APPROVED, "Approved", "Accepted by the secretariat; it can no longer be changed."),
)

NOT_RECEIVED = "not_received"

TIMELINESS = Vocabulary(
    Term("not_due", "Not due", "No report is due at present."),
    Term("due_soon", "Due soon", "A report is due and its due date is near."),
    Term("overdue", "Overdue", "A report is due, its due date has passed, and its round is not published yet."),
    Term("on_time", "On time", "The report was submitted by its due date."),
    Term("late", "Late", "The report was submitted after its due date."),
    Term(NOT_RECEIVED, "Not received", "The round is published, and the report was not received."),
)

PROGRESS, NO_CHANGE, NIL_RETURN, CORRECTION = "progress", "no_change", "nil_return", "correction"

UPDATE_KINDS = Vocabulary(
    Term(PROGRESS, "Progress", "States the implementation progress of the activity."),
    Term(
        CORRECTION,
        "Correction",
        "Corrects an earlier report, which stays in the history.",
    ),
    Term(NO_CHANGE, "No change", "Nothing has changed since the last report."),
    Term(NIL_RETURN, "Nil return", "The body has nothing to report."),
)
KINDS_WITHOUT_NARRATIVE = (NO_CHANGE, NIL_RETURN)

PLANNED, OPEN, CLOSED, PUBLISHED = "planned", "open", "closed", "published"

ROUND_STATES = Vocabulary(
    Term(PLANNED, "Planned", "Its dates are set; reporting has not begun."),
    Term(OPEN, "Open", "Lead bodies report; the secretariat reviews."),
    Term(CLOSED, "Closed", "Reports are accepted only from bodies with a deadline extension; reviews continue."),
    Term(PUBLISHED, "Published", "Finished: no further reports are accepted."),
)

HALF_YEAR, MID_TERM, FINAL = "half_year", "mid_term", "final"

ROUND_KINDS = Vocabulary(
    Term(HALF_YEAR, "Half-year", "The regular report, twice a year."),
    Term(MID_TERM, "Mid-term review", "The half-year at which the plan as a whole is reviewed."),
    Term(FINAL, "Final evaluation", "The last half-year of the plan, at which it is evaluated."),
)

AT_ONCE, WITH_ROUND = "at_once", "with_round"

PUBLICATIONS = Vocabulary(
    Term(AT_ONCE, "At once", "An approved report takes effect immediately."),
    Term(WITH_ROUND, "With the round", "Approved reports take effect when the round is published."),
)

DUE = "owed"

OBLIGATION_STATES = Vocabulary(Term(DUE, "Due", "The report has not been started."), *REPORT_STATES)

# As readers see them: once a round is published, nothing in it is due, a draft or returned any more.
SHOWN_STATES = Vocabulary(*OBLIGATION_STATES, TIMELINESS[NOT_RECEIVED])

APPROVE, RETURN = "approve", "return"

DECISIONS = Vocabulary(
    Term(APPROVE, "Approved", "The secretariat accepts the report."),
    Term(RETURN, "Returned", "The secretariat returns the report with a reason."),
)

GIVEN, ASSUMED, NON_RESPONSE = "given", "assumed", "silent"

CONCURRENCES = Vocabulary(
    Term(GIVEN, "Concurs", "The body agrees with the report."),
    Term(ASSUMED, "Deemed concurrence", "The body did not respond within the days of the silence procedure."),
    Term(NON_RESPONSE, "No response", "The body had not responded when the report was approved."),
)

EVENTS = Vocabulary(
    Term("opened", "Round opened", "A round opens in which reports of your body are due."),
    Term("due_soon", "Due soon", "Reports of your body are due within the days that the round names."),
    Term("overdue", "Overdue", "The due date has passed and reports of your body are outstanding."),
    Term("submitted", "Submitted", "A report has been submitted for review, or by another lead body of your activity."),
    Term("returned", "Returned", "A report of your body has been returned with a reason."),
    Term("approved", "Approved", "A report of your body has been approved."),
    Term("exception", "Deadline extension", "Your body has been given a deadline extension, or it has been withdrawn."),
    Term(
        "publication", "Publication", "A round was published, or its publication was withdrawn or did not take place."
    ),
    Term("followed", "Followed view", "A status in a view that you follow changed."),
    Term("to_review", "Reports to review", "Reports have been in the review queue for days."),
    Term("undeliverable", "Email refused", "A mail server has permanently refused a person’s email address."),
)

SOON, DAILY, NEVER = "soon", "daily", "never"

FREQUENCIES = Vocabulary(
    Term(SOON, "Soon", "Within minutes, with everything since the last email."),
    Term(DAILY, "Once a day", "At most one email a day."),
    Term(NEVER, "Never", "No email; everything is shown on the pages."),
)

CALENDAR, FEED = "calendar", "feed"

SUBSCRIPTIONS = Vocabulary(
    Term(CALENDAR, "Calendars", "Deadlines of bodies, in the addresses that calendar programs subscribe to."),
    Term(FEED, "Feeds", "What is published on the activities of saved views, in the addresses of their Atom feeds."),
)

LEAD, COOPERATING = "lead", "cooperating"

ROLES = Vocabulary(
    Term(LEAD, "Lead", "Accountable for the activity and for reporting on it."),
    Term(COOPERATING, "Cooperating", "Takes part in the activity."),
)

IN_LIST, IN_MATRIX = "list", "matrix"

VIEW_PAGES = Vocabulary(
    Term(IN_LIST, "List", "The activities one by one, with filters."),
    Term(IN_MATRIX, "Matrix", "The activities in the order of the document."),
)

# Addresses of views that are, or may become, pages of their own.
RESERVED_VIEW_SLUGS = ("all", "feed", "mine", "new", "shared")

NO_LEAD, COOPERATING_ONLY, NO_BODY = "no_lead", "cooperating_only", "no_body"

GAPS = Vocabulary(
    Term(NO_LEAD, "No lead body", "No body leads the activity, whether or not bodies cooperate in it."),
    Term(COOPERATING_ONLY, "Cooperating bodies only", "Bodies cooperate in the activity, and none leads it."),
    Term(NO_BODY, "No body at all", "No body leads the activity, and none cooperates in it."),
)

# The gaps of a coverage, in its order.
EMPTY_PROVISIONS, EMPTY_AREAS, LEADS_NOTHING = "empty_provisions", "empty_areas", "leads_nothing"

COVERAGE_GAPS = Vocabulary(
    Term(EMPTY_PROVISIONS, "Provisions without activity", "The plan has no activity for the provision."),
    Term(EMPTY_AREAS, "Areas without activity", "The area has no activity of its own, nor has any area under it."),
    Term(NO_LEAD, "Activities without lead", GAPS[NO_LEAD].meaning),
    Term(COOPERATING_ONLY, "Activities with cooperating bodies only", GAPS[COOPERATING_ONLY].meaning),
    Term(NO_BODY, "Activities with no body at all", GAPS[NO_BODY].meaning),
    Term(LEADS_NOTHING, "Bodies without a lead role", "The body leads none of these activities."),
)

ACTIVITY, AREA = "activity", "area"

ACTIVITY_KINDS = Vocabulary(
    Term(ACTIVITY, "Activity", "A programme, project or activity that the plan proposes."),
    Term(AREA, "Area", "An area of collaboration that has a lead body but no proposed activity."),
)

PILLARS = Vocabulary(
    Term("political_security", "Political-Security", "ASEAN Political-Security Community"),
    Term("economic", "Economic", "ASEAN Economic Community"),
    Term("socio_cultural", "Socio-Cultural", "ASEAN Socio-Cultural Community"),
)

CHANNELS = Vocabulary(
    Term("page", "Page", "On the page of one activity."),
    Term("bulk", "Bulk form", "With the form for several activities."),
    Term("admin", "Admin", "In the administration site."),
    Term("api", "API", "By another program."),
    Term("import", "Import", "From a spreadsheet."),
    Term("command", "Command", "By a command on the server."),
)

ROUND_WORKBOOK, STATUS_IMPORT = "workbook", "statuses"

IMPORT_KINDS = Vocabulary(
    Term(ROUND_WORKBOOK, "Round workbook", "The reports of a body in a round."),
    Term(STATUS_IMPORT, "Statuses", "Statuses that the secretariat records."),
)

PREVIEWED, APPLIED, EXPIRED = "previewed", "applied", "expired"

IMPORT_STATES = Vocabulary(
    Term(PREVIEWED, "Previewed", "Read and shown; nothing was written."),
    Term(APPLIED, "Applied", "Confirmed; what it changes was written."),
    Term(EXPIRED, "Expired", "Not confirmed in time; the file was removed."),
)

IMPORTED, DISCARDED = "imported", "discarded"

PLAN_IMPORT_STATES = Vocabulary(
    Term(OPEN, "In preview", "The file is read and shown; nothing of it is in a plan yet."),
    Term(IMPORTED, "Imported", "A plan was made of it. The file is kept as its source."),
    Term(DISCARDED, "Discarded", "Nothing was made of it."),
)

SEARCH_RESULT_KINDS = Vocabulary(
    Term("activity", "Activities", "Tracked activities."),
    Term("area", "Areas of collaboration", "Possible areas of collaboration (column 2)."),
    Term("provision", "Provisions", "Provisions of the ACTIP and paragraphs of the APA (column 1)."),
    Term("body", "Sectoral bodies", "Who leads and cooperates."),
    Term("update", "Status updates", "Reports."),
)

# What a write changes for readers: for all of them, or for those who take part in reporting.
OF_DOCUMENT, OF_ACTIVITIES, OF_REPORTING = "document", "activities", "reporting"

REVISION_SCOPES = Vocabulary(
    Term(OF_DOCUMENT, "Document, bodies and rounds", "The document, bodies and rounds."),
    Term(OF_ACTIVITIES, "Activities and published reports", "What every reader sees of the activities."),
    Term(OF_REPORTING, "Reports in progress", "What only those who take part in reporting can see."),
)

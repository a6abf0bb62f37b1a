"""What tests of the administration site share: what a browser would send of a form, and where forms are."""

import datetime
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

from django.test import Client

from tests.conftest import Cast
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import Activity, AuditEntry, StatusUpdate

Page = Callable[..., Client]


PLAN_KINDS = "workplan section provision collaborationarea activity responsibility sectoralbody bodyalias".split()


PEOPLE_KINDS = ["workplan/user", "workplan/membership", "workplan/apitoken", "auth/group"]


HISTORIES = [
    "statusupdate",
    "evidence",
    "review",
    "reportinground",
    "lateexception",
    "obligation",
    "contribution",
    "decision",
    "auditentry",
]


class Typed(HTMLParser):
    """What a browser would send of a page's main form as it is."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, Any] = {}
        self.inside = False
        self.select = self.area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        have = dict(attrs)
        name, value = have.get("name") or "", have.get("value")
        if tag == "form":
            self.inside = (have.get("id") or "").endswith("_form")
        if not self.inside or "__prefix__" in name:
            return
        if tag == "input" and name and have.get("type") != "submit":
            if have.get("type") not in ("checkbox", "radio") or "checked" in have:
                unsaid = "on" if have.get("type") in ("checkbox", "radio") else ""
                self.values.setdefault(name, []).append(unsaid if value is None else value)
        elif tag == "select":
            self.select = name
        elif tag == "option" and self.select and "selected" in have:
            self.values.setdefault(self.select, []).append(value or "")
        elif tag == "textarea":
            self.area, self.values[name] = name, [""]

    def handle_data(self, text: str) -> None:
        if self.area:
            self.values[self.area][0] += text

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select":
            self.select = ""
        elif tag == "textarea" and self.area:
            # The line break after the tag is the browser's; those in the text travel as two characters.
            shown = self.values[self.area][0].replace("\r\n", "\n").removeprefix("\n")
            self.values[self.area] = [shown.replace("\n", "\r\n")]
            self.area = ""


def typed(response: Any, **changes: Any) -> dict[str, Any]:
    """The form of ``response`` with ``changes`` typed into it."""
    parser = Typed()
    parser.feed(response.content.decode())
    return {**parser.values, **changes}


def list_of(kind: str) -> str:
    return f"/admin/{kind}/" if "/" in kind else f"/admin/workplan/{kind}/"


def page_of(record: Any) -> str:
    return f"/admin/{record._meta.app_label}/{record._meta.model_name}/{record.pk}/change/"


def last_entry() -> AuditEntry:
    entry = AuditEntry.objects.first()
    assert entry
    return entry


def errors_of(response: Any) -> str:
    """Everything that the form finds fault with, in one line."""
    assert response.status_code == 200, response.status_code
    return " ".join(str(error) for errors in response.context["errors"] for error in errors)


def record(activity: Activity, cast: Cast) -> StatusUpdate:
    activity.refresh_from_db()
    return actions.record_status(
        activity=activity,
        version=activity.version,
        report=Report(
            status="ongoing",
            as_of=datetime.date(2020, 6, 30),
            narrative="The pages are linked.",
            evidence=(EvidenceItem("Page", "https://asean.org/page"),),
        ),
        by=Actor(cast.secretariat, "page"),
    )

"""What cannot be taken back says beforehand what it takes away, and once more when it is done."""

import datetime
from collections.abc import Callable
from typing import Any

from django.test import Client

from tests.conftest import Cast, make_person
from tests.larger_plans import opened
from workplan import actions
from workplan.actions import Actor, EvidenceItem, Report
from workplan.models import Activity, SectoralBody, WorkPlan
from workplan.monitoring import consequences

Page = Callable[..., Client]


def by(user: Any) -> Actor:
    return Actor(user, "page", "r")


def report(words: str = "The module is drafted.") -> Report:
    evidence = (EvidenceItem("Minutes", "https://example.org/minutes"),)
    return Report(status="ongoing", as_of=datetime.date(2018, 6, 30), narrative=words, evidence=evidence)


def test_approving_names_the_joint_leads_that_have_not_answered_and_what_they_have_begun(
    plan: WorkPlan, cast: Cast, page: Page
) -> None:
    reporting_round = opened(plan, by(cast.secretariat))
    suda = make_person("suda", body="SLOM")
    activity = Activity.objects.get(ref="A.1.1.4")
    somtc, slom = (SectoralBody.objects.get(acronym=name) for name in ("SOMTC", "SLOM"))
    for person, body in ((suda, slom), (cast.somtc, somtc)):
        update = actions.begin_report(
            activity=activity, report=report(), by=by(person), reporting_round=reporting_round, body=body
        )
    update = actions.submit_report(update=update, version=update.version, by=by(cast.somtc))
    ends = [
        "SLOM has not responded as joint lead, and can no longer concur.",
        "SLOM has a draft of its own, which can then be submitted as a correction only.",
    ]

    client = page(cast.secretariat)
    shown = client.get(update.get_absolute_url()).content.decode()
    assert all(sentence in shown for sentence in ends)
    done = client.post(f"{update.get_absolute_url()}approve/", {"version": update.version}, follow=True)
    assert f"Approved: A.1.1.4 is “Ongoing”. {' '.join(ends)}" in done.content.decode()


def test_discarding_counts_the_words_and_the_evidence(plan: WorkPlan, cast: Cast, page: Page) -> None:
    reporting_round = opened(plan, by(cast.secretariat))
    update = actions.begin_report(
        activity=Activity.objects.get(ref="A.1.1.1"),
        report=report("Four words stand here."),
        by=by(cast.somtc),
        reporting_round=reporting_round,
        body=SectoralBody.objects.get(acronym="SOMTC"),
    )
    goes = "What goes: 4 words and 1 piece of evidence."

    client = page(cast.somtc)
    assert goes in client.get(update.get_absolute_url()).content.decode()
    assert goes in client.get(f"{update.get_absolute_url()}edit/").content.decode()
    done = client.post(f"{update.get_absolute_url()}discard/", {"version": update.version}, follow=True)
    assert goes in done.content.decode()


def test_closing_an_account_names_the_bodies_that_nobody_else_speaks_for(
    cast: Cast, plan: WorkPlan, page: Page
) -> None:
    alone = (
        "Switching it off ends every session of the person, and 1 token of programs. SOMTC has no other focal point."
    )
    actions.make_token(user=cast.somtc, by=by(cast.somtc))
    assert consequences.of_closing_account(cast.somtc) == alone
    shown = page(cast.administrator).get(f"/admin/workplan/user/{cast.somtc.pk}/change/").content.decode()
    assert alone in shown
    make_person("second", body="SOMTC")
    assert "no other focal point" not in consequences.of_closing_account(cast.somtc)

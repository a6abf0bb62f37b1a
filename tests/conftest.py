"""The cast and the stage: the real plan, and people of every standing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.management import call_command
from django.db import connection
from django.test import Client, TransactionTestCase
from hypothesis import settings
from rest_framework.test import APIClient

from workplan.models import Membership, SectoralBody, User, WorkPlan
from workplan.permissions import ADMINISTRATORS_GROUP, SECRETARIAT_GROUP

# The same examples in every run: a red suite is red for everybody.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")

PASSWORD = "correct horse battery"
FIXTURES = ("bodies", "tip-work-plan")


@dataclass(frozen=True)
class Cast:
    """People of every standing, by the part they play.

    Attributes:
        visitor: nobody has signed in.
        newcomer: has an account and no body.
        somtc: focal point of SOMTC, the body that leads most activities.
        acwc: focal point of ACWC.
        secretariat: Sari, of the secretariat.
        colleague: Ben, her colleague there.
        administrator: keeps the accounts.
    """

    visitor: AnonymousUser
    newcomer: User
    somtc: User
    acwc: User
    secretariat: User
    colleague: User
    administrator: User


@pytest.fixture(scope="session", autouse=True)
def files_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploaded files go where they are thrown away."""
    from django.test import override_settings

    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")):
        yield


@pytest.fixture(autouse=True, scope="session")
def emptying_between_tests() -> Iterator[None]:
    """Tests with transactions of their own empty every table afterwards, which on SQLite takes DELETE.

    The triggers that keep reports and trail for ever make way for it and come back; those that keep the
    search in step stay, and empty it too.
    """
    original = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def emptied(case: TransactionTestCase) -> None:
        if connection.vendor != "sqlite":
            original(case)
            return
        with connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%RAISE(%'")
            triggers = cursor.fetchall()
            for name, _ in triggers:
                cursor.execute(f"DROP TRIGGER {name}")
        try:
            original(case)
        finally:
            with connection.cursor() as cursor:
                for _, statement in triggers:
                    cursor.execute(statement)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", emptied)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The plan and the cast stand in the database before the first test, so that most tests load nothing."""
    with django_db_blocker.unblock():
        load_plan()
        make_cast()


def load_plan() -> WorkPlan:
    if not WorkPlan.objects.exists():
        call_command("loaddata", *FIXTURES, verbosity=0)
    return WorkPlan.objects.get(code="tip-2016-2020")


def make_person(username: str, *, name: str = "", group: str = "", body: str = "") -> User:
    first, _, last = name.partition(" ")
    user, made = User.objects.get_or_create(
        username=username, defaults={"first_name": first, "last_name": last, "email": f"{username}@example.org"}
    )
    if made:
        user.set_password(PASSWORD)
        user.save()
    if group:
        user.groups.add(Group.objects.get_or_create(name=group)[0])
    if body:
        Membership.objects.get_or_create(user=user, body=SectoralBody.objects.get(acronym=body))
    return user


def make_cast() -> Cast:
    return Cast(
        visitor=AnonymousUser(),
        newcomer=make_person("nora", name="Nora New"),
        somtc=make_person("somchai", name="Somchai Focal", body="SOMTC"),
        acwc=make_person("aisyah", name="Aisyah Focal", body="ACWC"),
        secretariat=make_person("sari", name="Sari Staff", group=SECRETARIAT_GROUP),
        colleague=make_person("ben", name="Ben Staff", group=SECRETARIAT_GROUP),
        administrator=make_person("ada", name="Ada Admin", group=ADMINISTRATORS_GROUP),
    )


@pytest.fixture
def plan(db: None) -> WorkPlan:
    """The real plan, loaded from the fixtures. A test that empties the database gets it again."""
    return load_plan()


@pytest.fixture
def cast(plan: WorkPlan) -> Cast:
    return make_cast()


@pytest.fixture
def page() -> Callable[..., Client]:
    """A browser without a window, signed in as the given person: ``page(cast.secretariat).get(…)``."""

    def sign_in(user: Any = None) -> Client:
        client = Client()
        if user is not None and user.is_authenticated:
            client.force_login(user)
        return client

    return sign_in


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """A program that acts for the given person: ``api(cast.secretariat).get(…)``."""

    def act_for(user: Any = None) -> APIClient:
        client = APIClient()
        if user is not None and user.is_authenticated:
            client.force_authenticate(user)
        return client

    return act_for

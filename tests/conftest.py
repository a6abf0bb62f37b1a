"""The real plan, people with every role, the clock, and the database as each test finds it."""

import datetime
import gc
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, Group
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, TransactionTestCase
from hypothesis import settings
from rest_framework.test import APIClient

from tests import snapshot
from tests.clock import clock_of_the_tests
from workplan.models import Membership, SectoralBody, User, WorkPlan
from workplan.permissions import ADMINISTRATORS_GROUP, SECRETARIAT_GROUP

# The same examples in every run: a red suite is red for everybody.
settings.register_profile("house", derandomize=True, deadline=None)
settings.load_profile("house")

PASSWORD = "correct horse battery"
FIXTURES = ("bodies", "tip-work-plan")
# The headers of a visitor whose page is to be made now.
ANEW = {"Cache-Control": "no-cache"}


@dataclass(frozen=True)
class Cast:
    """People of every role.

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


def pytest_collection_finish() -> None:
    """What is loaded by now stays to the end: the garbage collector need not go through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 100)


@pytest.fixture(scope="session", autouse=True)
def files_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploaded files go where they are thrown away."""
    from django.test import override_settings

    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("files")):
        yield


@pytest.fixture(autouse=True)
def clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """Every test begins at the same moment, but for those with a browser or a process that has a clock of its own."""
    assert not ModuleDatabase.is_open or "module_database" in request.fixturenames
    if request.node.get_closest_marker("real_clock"):
        yield
        return
    with clock_of_the_tests():
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The plan and the cast stand in the database before the first test, so that most tests load nothing.

    What a test has committed is taken back afterwards.
    """
    with django_db_blocker.unblock(), clock_of_the_tests(earlier=datetime.timedelta(days=1)):
        load_plan()
        make_cast()
        kept = snapshot.take() if snapshot.may_be_taken() else None

    emptied = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def restored(case: TransactionTestCase) -> None:
        assert not connection.in_atomic_block, "A test with transactions of its own ran inside a scene of its module."
        if kept is not None:
            kept.restore()
            return
        emptied(case)
        load_plan()
        make_cast()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", restored)
        yield


def load_plan() -> None:
    if not WorkPlan.objects.exists():
        call_command("loaddata", *FIXTURES, verbosity=0)


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


# Each part of the cast with its username, and what else ``make_person`` is told.
PARTS: dict[str, tuple[str, dict[str, str]]] = {
    "newcomer": ("nora", {"name": "Nora New"}),
    "somtc": ("somchai", {"name": "Somchai Focal", "body": "SOMTC"}),
    "acwc": ("aisyah", {"name": "Aisyah Focal", "body": "ACWC"}),
    "secretariat": ("sari", {"name": "Sari Staff", "group": SECRETARIAT_GROUP}),
    "colleague": ("ben", {"name": "Ben Staff", "group": SECRETARIAT_GROUP}),
    "administrator": ("ada", {"name": "Ada Admin", "group": ADMINISTRATORS_GROUP}),
}


def make_cast() -> None:
    for username, values in PARTS.values():
        make_person(username, **values)


def cast_of_the_database() -> Cast:
    people = User.objects.in_bulk([username for username, _ in PARTS.values()], field_name="username")
    return Cast(visitor=AnonymousUser(), **{part: people[username] for part, (username, _) in PARTS.items()})


class ModuleDatabase:
    """Whether something stands in the database for all tests of the present module."""

    is_open = False


@pytest.fixture(scope="module")
def module_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[Cast]:
    """The database of a whole module: what is made in it stands for its tests, and is rolled back after the last.

    For what is dear to make: a fixture of the module's scope makes it once, and each test gets a copy of the
    objects and a savepoint of its own. Tests of the module that do not ask for it run first and do not see it.
    """
    earlier = datetime.timedelta(hours=1)
    with clock_of_the_tests(earlier=earlier), django_db_blocker.unblock(), transaction.atomic():
        ModuleDatabase.is_open = True
        yield cast_of_the_database()
        ModuleDatabase.is_open = False
        transaction.set_rollback(True)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Files that run once as a whole are not even read where they do not run: some are dear to collect."""
    if config.option.markexpr != "not engine_independent" or collection_path.suffix != ".py":
        return None
    return "\npytestmark = pytest.mark.engine_independent(" in collection_path.read_text() or None


@pytest.hookimpl(tryfirst=True)
def pytest_itemcollected(item: pytest.Item) -> None:
    """A test that asks for no database cannot depend on which one it is: pytest-django refuses every query of it."""
    if not asks_for_the_database(item):
        item.add_marker(pytest.mark.engine_independent)


def asks_for_the_database(item: pytest.Item) -> bool:
    fixtures = {"db", "transactional_db", "live_server", "module_database"}
    return bool(item.get_closest_marker("django_db") or fixtures.intersection(getattr(item, "fixturenames", ())))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with the database of their module come after the others of it; otherwise the order stays as it is."""
    places: dict[Any, int] = {}
    for item in items:
        places.setdefault(item.path, len(places))
    items.sort(key=lambda item: (places[item.path], "module_database" in getattr(item, "fixturenames", ())))


@pytest.fixture
def plan(db: None) -> WorkPlan:
    """The real plan, as it was loaded from the fixtures before the first test."""
    return WorkPlan.objects.get(code="tip-2016-2020")


@pytest.fixture
def cast(plan: WorkPlan) -> Cast:
    return cast_of_the_database()


@pytest.fixture
def page() -> Callable[..., Client]:
    """A browser without a window, signed in as the given person: ``page(cast.secretariat).get(…)``.

    It asks for pages that are made anew, because tests are about how they are made.
    """

    def sign_in(user: Any = None) -> Client:
        client = Client(headers=ANEW)
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

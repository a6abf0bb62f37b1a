"""The scene in which the answers are recorded: two rounds of the real plan, played through the API itself.

Nothing but the API makes it, so that it stays the same whatever becomes of the code: each step is recorded too.
"""

import datetime
import re
from typing import Any

import time_machine
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils.text import slugify
from rest_framework.test import APIClient

from tests.api.recording import HEADERS, MODELS, Normal
from tests.conftest import make_person
from workplan.models import User

API = "/api/v1/"
PLAN = "tip-2016-2020"
BEGINNING = datetime.datetime(2018, 1, 10, 3, tzinfo=datetime.UTC)
PDF = b"%PDF-1.7 something to read"
# Who asks, by the name of their account. The focal point is of SOMTC, the joint lead of SLOM, the other of ACWC.
READERS = {"visitor": "", "focal point": "somchai", "secretariat": "sari"}
PEOPLE = READERS | {"joint lead": "slamet", "other focal point": "aisyah", "colleague": "ben"}
AMONG = {"a": "activities", "s": "sections", "p": "provisions", "area": "areas"}

Answer = dict[str, Any]


class Scene:
    """What was done so far, and what was answered.

    Attributes:
        answers: what was answered to each step, by its title.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.now = BEGINNING
        self._slugs: dict[str, str] = {}
        self.normal = Normal(self._slugs)
        self._named: dict[str, Any] = {}
        make_person(PEOPLE["joint lead"], name="Slamet Focal", body="SLOM")
        self.users = {person: User.objects.get(username=name) if name else None for person, name in PEOPLE.items()}
        cache.clear()  # wrong passwords of other tests are counted there

    # Addresses

    def pk(self, name: str) -> int:
        """The id of a record: ``a:A.1.1.1`` is an activity, ``round:2018-1`` a round; steps give other names."""
        kind, _, ref = name.partition(":")
        if kind == "round":
            return int(MODELS["rounds"]._default_manager.get(code=ref).pk)
        if ref:
            return int(MODELS[AMONG[kind]]._default_manager.get(ref=ref).pk)
        return int(self._named[name])

    def filled(self, value: Any) -> Any:
        """``value`` with an id for each name in braces; alone in its text it becomes a number."""
        if isinstance(value, dict):
            return {key: self.filled(one) for key, one in value.items()}
        if isinstance(value, list):
            return [self.filled(one) for one in value]
        if not isinstance(value, str):
            return value
        if re.fullmatch(r"\{[^}]+\}", value):
            return self.pk(value[1:-1])
        value = re.sub(r"\{([^}]+)\}", lambda found: str(self.pk(found[1])), value)
        return self.normal.with_slugs(value)

    # Requests

    def program(self, person: str) -> APIClient:
        """A program that acts for a person as a new request finds them."""
        client, user = APIClient(), self.users[person]
        if user is not None:
            client.force_authenticate(User.objects.get(pk=user.pk))
        return client

    def browser(self, person: str) -> Client:
        client, user = Client(), self.users[person]
        if user is not None:
            client.force_login(user)
        return client

    def ask(self, person: str, address: str, **headers: str) -> Any:
        return self.program(person).get(API + self.filled(address), headers=headers)

    def tag(self, person: str, address: str) -> str:
        found = self.ask(person, address)
        assert found.status_code == 200, (person, address, found.content)
        return str(found["ETag"])

    def shown(self, response: Any) -> Answer:
        """An answer as it is kept."""
        headers = {name: response.headers[name] for name in HEADERS if name in response.headers}
        if "ETag" in headers:
            headers["ETag"] = self.normal.tag(headers["ETag"])
        if "Vary" in headers:
            # Whether an answer is long enough to be compressed depends on how many digits its ids have.
            headers["Vary"] = headers["Vary"].removesuffix(", Accept-Encoding")
        if "Location" in headers:
            headers["Location"] = self.normal.text(headers["Location"])
        kinds = [one for one in response.request["PATH_INFO"].split("/") if one in MODELS]
        body = self.normal.json(response.json(), kinds[-1] if kinds else "") if response.content else None
        return {"status": response.status_code, "headers": headers, "body": body}

    # Steps

    def step(
        self,
        title: str,
        person: str,
        verb: str,
        address: str,
        body: Any = None,
        *,
        seen: str = "",
        tag: str = "",
        call_it: str = "",
        **extra: Any,
    ) -> Any:
        """Do one thing a minute later, and keep what is answered.

        Args:
            title: what is done, in words; no two steps have the same.
            seen: the address whose entity tag the program has read just before and sends as ``If-Match``.
            tag: an ``If-Match`` of its own.
            call_it: the name of the record that is made or answered, for the steps after this one.
            extra: more for the client, such as ``format``.
        """
        assert title not in self.answers, title
        self.now += datetime.timedelta(minutes=1)
        with time_machine.travel(self.now, tick=False):
            headers = {"If-Match": tag or self.tag(person, seen)} if tag or seen else {}
            program = self.program(person)
            where = API + self.filled(address)
            response = getattr(program, verb.lower())(where, self.filled(body), headers=headers, **extra)
        self._learn_slug(response)
        self.normal = Normal(self._slugs)  # there may be more records now
        sent = {} if body is None or extra else {"sent": body}
        self.answers[title] = {"request": f"{person}: {verb} {address}", **sent, **self.shown(response)}
        if call_it:
            assert "id" in response.json(), (title, response.json())
            self._named[call_it] = response.json()["id"]
        return response

    def _learn_slug(self, response: Any) -> None:
        """Remember the slug of a view that has been saved; that of a private one is drawn at random."""
        view = response.json() if response.status_code == 201 else {}
        if "slug" in view:
            self._slugs[slugify(view["name"])] = view["slug"]

    def wait(self, **period: float) -> None:
        self.now += datetime.timedelta(**period)

    def file(self, name: str = "minutes.pdf") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, PDF)

    def name_evidence(self, response: Any, name: str) -> None:
        """Give a name to the evidence that an update has got last."""
        self._named[name] = response.json()["evidence"][-1]["id"]

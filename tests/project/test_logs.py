"""One line for each event, with the id of the request it belongs to."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import path

from apta.logs import LineFormatter, RequestIdFilter, current_request, use_for_gunicorn
from workplan.models import WorkPlan

Page = Callable[..., Client]


@pytest.fixture
def lines() -> Iterator[Callable[[], list[str]]]:
    """What the log has by now, as it is written."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LineFormatter())
    handler.addFilter(RequestIdFilter())
    logging.getLogger().addHandler(handler)
    yield lambda: stream.getvalue().splitlines()
    logging.getLogger().removeHandler(handler)


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The API counts nothing any more."""

    def fail(*_: Any) -> None:
        raise ZeroDivisionError("nothing\nto count")

    monkeypatch.setattr("workplan.monitoring.summary.tally", fail)


def test_a_traceback_stands_in_the_line_of_its_event(
    plan: WorkPlan, lines: Callable[[], list[str]], breaking: None
) -> None:
    answer = Client(raise_request_exception=False).get("/api/v1/summary/", headers={"X-Request-ID": "program-run-0042"})

    (line,) = [line for line in lines() if "/api/v1/summary/" in line]
    assert f" ERROR django.request [{answer['X-Request-ID']} client:program-run-0042] " in line
    assert "Traceback (most recent call last):\\n" in line
    assert line.endswith("ZeroDivisionError: nothing\\nto count")


@pytest.mark.parametrize("address", ["/nowhere/", "/static/nowhere.css", "/plans/nothing/", "/api/v1/nothing/"])
def test_what_django_says_of_an_answer_has_the_id_of_its_request(
    plan: WorkPlan, page: Page, lines: Callable[[], list[str]], address: str
) -> None:
    answer = page().get(address)

    (line,) = lines()
    assert re.search(rf" WARNING django.request \[{answer['X-Request-ID']}\] Not Found: {address}$", line)


def test_what_is_written_cannot_break_a_line_or_move_the_cursor(lines: Callable[[], list[str]]) -> None:
    logging.getLogger("apta").warning("one\r\ntwo\x1b[2Jthree\u2028four\x85five%s", "\x00")

    (line,) = lines()
    assert line.endswith("one\\r\\ntwo\\x1b[2Jthree\\u2028four\\x85five\\x00")


def test_a_line_outside_of_a_request_says_so(plan: WorkPlan, page: Page, lines: Callable[[], list[str]]) -> None:
    page().get("/robots.txt")
    logging.getLogger("apta").warning("The server ends.")

    assert lines()[-1].endswith(" WARNING apta [-] The server ends.")


def broken_off(request: Any) -> StreamingHttpResponse:
    def parts() -> Iterator[bytes]:
        yield b"one,two\n"
        logging.getLogger("apta").warning("Half of it is written.")
        raise ConnectionResetError

    return StreamingHttpResponse(parts())


urlpatterns = [path("export/", broken_off), path("plain/", lambda _: HttpResponse())]


@pytest.mark.urls("tests.project.test_logs")
def test_an_answer_that_breaks_off_keeps_its_id_until_the_next_request(lines: Callable[[], list[str]]) -> None:
    """A server such as gunicorn first closes the answer and then logs what happened."""
    answer = Client().get("/export/")
    try:
        b"".join(answer)  # type: ignore[arg-type]  # and closes it, as a server does
    except ConnectionResetError:
        logging.getLogger("gunicorn.error.test").warning("Error handling request")
    Client().get("/plain/")
    logging.getLogger("apta").warning("Another one.")

    id_of = [re.search(r"\[(.*?)\]", line)[1] for line in lines()]  # type: ignore[index]
    assert id_of == [answer["X-Request-ID"], answer["X-Request-ID"], "-"]
    assert current_request.get() is None


def test_the_lines_of_gunicorn_are_written_like_all_others() -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    gunicorn = logging.getLogger("gunicorn.error")
    current_request.set(None)
    gunicorn.addHandler(handler)
    try:
        use_for_gunicorn()
        try:
            raise ZeroDivisionError
        except ZeroDivisionError:
            gunicorn.exception("Error handling request")
    finally:
        gunicorn.removeHandler(handler)

    (line,) = stream.getvalue().splitlines()
    assert " ERROR gunicorn.error [-] Error handling request\\nTraceback" in line

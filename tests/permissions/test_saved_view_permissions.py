"""Who may do what to a saved view, by the verbs of the API: a shared one, and one that is its owner's alone.

Who may open their pages stands in ``test_permissions``, from where the people and the views are.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from tests.conftest import Cast
from tests.larger_plans import saved
from tests.permissions.pages import CODE, OPEN, OWN_ROWS, PEOPLE, PRIVATE, SHARED
from tests.permissions.test_permissions import save_privately
from workplan.models import WorkPlan


class Rollback(Exception):
    """Ends what one person did, so that the next finds everything as it was."""


VIEW_ACTIONS = [
    ("post", "views/", {"plan": CODE, "name": "Mine", "query": "section=A"}, (401, 201, 201, 201, 201, 201)),
    ("patch", f"views/{SHARED}/", {"name": "Another name"}, (401, 403, 200, 403, 200, 200)),
    ("patch", f"views/{SHARED}/", {"is_shared": False}, (401, 403, 200, 403, 400, 400)),
    ("delete", f"views/{SHARED}/", {}, (401, 403, 204, 403, 204, 204)),
    ("post", f"views/{SHARED}/follow/", {}, (401, 200, 200, 200, 200, 200)),
    ("post", f"views/{SHARED}/unfollow/", {}, (401, 200, 200, 200, 200, 200)),
    ("get", f"views/{SHARED}/", None, OPEN),
    ("get", f"views/{PRIVATE}/", None, (404, 404, 200, 404, 404, 404)),
    ("patch", f"views/{PRIVATE}/", {"name": "Another name"}, (401, 404, 200, 404, 404, 404)),
    ("delete", f"views/{PRIVATE}/", {}, (401, 404, 204, 404, 404, 404)),
    ("post", f"views/{PRIVATE}/follow/", {}, (401, 404, 200, 404, 404, 404)),
    ("post", f"views/{PRIVATE}/unfollow/", {}, (401, 404, 200, 404, 404, 404)),
    ("get", f"activities/?view={PRIVATE}", None, OWN_ROWS),
    ("get", f"summary/?view={PRIVATE}", None, OWN_ROWS),
]


@pytest.fixture
def views(cast: Cast, plan: WorkPlan) -> None:
    saved(plan, cast.somtc)
    save_privately(plan, cast.somtc)


@pytest.mark.parametrize(
    ("verb", "path", "body", "expected"), VIEW_ACTIONS, ids=[f"{row[0]} {row[1]} {row[2]}" for row in VIEW_ACTIONS]
)
def test_who_may_do_what_to_a_saved_view(
    views: None,
    cast: Cast,
    api: Callable[..., APIClient],
    verb: str,
    path: str,
    body: dict[str, Any] | None,
    expected: tuple[int, ...],
) -> None:
    answers = []
    for person in PEOPLE:
        with pytest.raises(Rollback), transaction.atomic():
            headers = {} if body is None else {"If-Match": '"1"'}
            response = getattr(api(getattr(cast, person)), verb)(f"/api/v1/{path}", body, headers=headers)
            answers.append(response.status_code)
            raise Rollback
    assert answers == list(expected)

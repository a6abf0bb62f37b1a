"""What tests of reports by API share."""

from typing import Any

from workplan.models import Activity

REPORT_FIELDS: dict[str, Any] = {"status": "ongoing", "as_of": "2018-06-30", "narrative": "The module is drafted."}


JOINT, ALONE = "A.1.1.4", "A.1.1.1"  # led by SLOM and SOMTC; by SOMTC, with ACWC cooperating


PDF = b"%PDF-1.7 something to read"


def on(ref: str) -> str:
    return f"/api/v1/activities/{Activity.objects.get(ref=ref).pk}/"


def begun(program: Any, ref: str = ALONE, **said: Any) -> Any:
    tag = program.get(on(ref))["ETag"]
    return program.post(f"{on(ref)}updates/", REPORT_FIELDS | said, headers={"If-Match": tag})


def do(program: Any, update: Any, action: str, body: Any = None) -> Any:
    """An action on the version of the update that the program reads now."""
    tag = program.get(update["url"])["ETag"]
    return program.post(f"{update['url']}{action}/", body or {}, headers={"If-Match": tag})


def refused(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content[:400]
    error: dict[str, Any] = answer.json()["error"]
    assert error["code"] == code and error["message"]
    return error

"""What the browser of a person keeps of a report that is being written, and when it can let go of it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from workplan.models import Activity, ReportingRound, StatusUpdate


def local_copy_key(
    request: HttpRequest, activity: Activity, reporting_round: ReportingRound | None, update: StatusUpdate | None
) -> str:
    """Under what the person's browser keeps what they type."""
    what = f"report.{update.pk}" if update else f"begin.{activity.pk}.{reporting_round.pk if reporting_round else 0}"
    return f"{request.user.pk}.{what}"


def without_local_copy(response: HttpResponse, key: str) -> HttpResponse:
    """Let the browser know that what it kept under ``key`` is saved here."""
    response.set_cookie("apta-saved", key, max_age=300, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)
    return response

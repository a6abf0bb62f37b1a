"""The status of the plan as a picture and as a small page, which other sites may show."""

import base64
import hashlib
import textwrap
from dataclasses import dataclass
from typing import Any

from csp.constants import NONE
from csp.decorators import csp
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template import loader
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.clickjacking import xframe_options_exempt

from apta.addresses import absolute_url
from workplan import rules
from workplan.exports.chart_colours import palettes
from workplan.models import Activity, WorkPlan
from workplan.monitoring import summary
from workplan.views.browsing import chips, filtered
from workplan.views.monitoring.as_of import AsOfSelection

# How long a site that shows the chart may keep it.
KEPT_FOR = 10 * 60

STYLE = loader.render_to_string("workplan/plan/embed/status.css", {"palettes": palettes()})
STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = {
    "default-src": [NONE],
    # The colours are in the picture itself, which has to be right wherever it is opened: this sheet and no other.
    "style-src": [f"'sha256-{STYLE_HASH}'"],
    "base-uri": [NONE],
    "form-action": [NONE],
}

# The picture, in its own units.
WIDTH, MARGIN = 480, 16
LINE, BAR, ROW, COLUMN = 20, 26, 22, 152
TITLE_LETTERS, LETTERS, MOST_LINES = 44, 52, 3
# A number is shown in its part of the bar where the part has room for it.
DIGIT = 9


@dataclass(frozen=True, slots=True)
class Part:
    """One status in the picture: its piece of the bar and its line in the legend."""

    term: rules.Term
    number: int
    x: float
    width: float
    legend_x: int
    legend_y: int

    @property
    def middle(self) -> float:
        return self.x + self.width / 2

    @property
    def has_room(self) -> bool:
        return self.width >= DIGIT * len(str(self.number)) + 6


@dataclass(frozen=True, slots=True)
class Picture:
    """The positions in the chart of one tally.

    Attributes:
        title: the name of the plan, in lines.
        about: which activities are counted, and when, in lines.
        tally: their numbers.
    """

    title: list[str]
    about: list[str]
    tally: summary.Tally

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def margin(self) -> int:
        return MARGIN

    @property
    def bar(self) -> int:
        return BAR

    @property
    def bar_width(self) -> int:
        return WIDTH - 2 * MARGIN

    @property
    def lines(self) -> list[tuple[str, str, int]]:
        """What is written above the bar: kind, words and place of each line."""
        message = [("title", words) for words in self.title] + [("about", words) for words in self.about]
        return [(kind, words, MARGIN + LINE * place + 14) for place, (kind, words) in enumerate(message)]

    @property
    def bar_y(self) -> int:
        return MARGIN + LINE * (len(self.title) + len(self.about)) + 8

    @property
    def parts(self) -> list[Part]:
        found, left = [], float(MARGIN)
        for place, (term, number, share) in enumerate(self.tally.shares):
            width = share * self.bar_width / 100
            x, y = MARGIN + COLUMN * (place % 3), self.bar_y + BAR + 12 + ROW * (place // 3)
            found.append(Part(term, number, round(left, 2), round(width, 2), x, y))
            left += width
        return found

    @property
    def height(self) -> int:
        return self.bar_y + BAR + 12 + ROW * -(-len(rules.STATUSES.values) // 3) + MARGIN - 6

    @property
    def words(self) -> str:
        """The picture for whoever cannot see it."""
        counted = ", ".join(f"{number} {term.label.lower()}" for term, number, _ in self.tally.shares)
        return f"{' '.join(self.about)}. {counted}."


def drawn(request: HttpRequest, plan: WorkPlan) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """The picture that the request asks for, with what goes with it; or what is wrong with its parameters."""
    filterset = filtered(request, Activity.objects.visible_to(request.user).filter(plan=plan))
    problems = filterset.problems()
    if problems:
        return {}, problems
    tally = summary.tally(filterset.qs)
    chosen = "".join(f" · {chip.label}" for chip in chips(filterset))
    as_of_selection = AsOfSelection.of(filterset)
    moment = timezone.localtime(filterset.moment or timezone.now())
    day = date_format(moment, "j F Y, H:i" if as_of_selection.moment and not as_of_selection.is_whole_day else "j F Y")
    about = f"{tally.total} {'activity' if tally.total == 1 else 'activities'}{chosen} · status as at {day}"
    rows = reverse("activities", args=[plan.code])
    query = as_of_selection.query.urlencode()
    return {
        "plan": plan,
        "picture": Picture(_in_lines(plan.title, TITLE_LETTERS), _in_lines(about, LETTERS), tally),
        "style": STYLE,
        "rows": absolute_url(f"{rows}?{query}" if query else rows, request),
    }, {}


def _in_lines(words: str, letters: int) -> list[str]:
    return textwrap.wrap(words, letters, max_lines=MOST_LINES, placeholder=" …")


@csp({**POLICY, "frame-ancestors": [NONE]})  # type: ignore[arg-type]  # django-csp forgets the arguments of an address
def chart(request: HttpRequest, code: str) -> HttpResponse:
    """The picture alone. It takes the filters of the list."""
    plan = get_object_or_404(WorkPlan, code=code)
    context, problems = drawn(request, plan)
    if problems:
        return _refused(problems)
    content = loader.render_to_string("workplan/plan/embed/status.svg", context)
    return _kept(request, HttpResponse(content, content_type="image/svg+xml"))


@xframe_options_exempt
@csp({**POLICY, "frame-ancestors": ["*"]})  # type: ignore[arg-type]
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The picture in a page of its own, which leads to the rows; the one page that other sites may frame."""
    plan = get_object_or_404(WorkPlan, code=code)
    context, problems = drawn(request, plan)
    return _refused(problems) if problems else _kept(request, render(request, "workplan/plan/embed/page.html", context))


def _kept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Allows caches to keep it for a while, if it is what everybody sees, and other sites to show it."""
    response["Cross-Origin-Resource-Policy"] = "cross-origin"
    if not request.user.is_authenticated:
        response["Cache-Control"] = f"public, max-age={KEPT_FOR}"
    return response


def _refused(problems: dict[str, list[str]]) -> HttpResponse:
    """In plain words: there is no room for a page where a picture was expected."""
    message = "\n".join(f"{name}: {' '.join(texts)}" for name, texts in problems.items())
    return HttpResponse(message + "\n", status=400, content_type="text/plain; charset=utf-8")

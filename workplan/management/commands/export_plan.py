"""The matrix of a plan as a file, for whoever has no browser at hand: cron, or a mail to a meeting."""

import os
from collections.abc import Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.http import QueryDict
from django.urls import reverse

from apta.addresses import absolute_url
from workplan.exports.selection import TYPES, matrix_file, provenance, too_many, with_moment_of_round
from workplan.filters import ActivityFilterSet
from workplan.models import Activity, WorkPlan

# The plan has an option of its own, and the order is that of the document.
NO_OPTIONS = ("plan", "ordering")


class Command(BaseCommand):
    help = (
        "Writes the matrix of a plan to a file, as everybody may read it. "
        "Takes the filters of the list of activities; one that is given twice means either."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--plan", required=True, metavar="CODE", help="Code of the work plan.")
        parser.add_argument("--format", required=True, choices=list(TYPES), help="Kind of file.")
        parser.add_argument("--out", required=True, metavar="FILE", type=Path, help="Where the file is written.")
        filters = parser.add_argument_group("filters")
        for name, one in ActivityFilterSet.base_filters.items():
            if name not in NO_OPTIONS:
                spellings = dict.fromkeys((f"--{name.replace('_', '-')}", f"--{name}"))
                help_text = one.extra.get("help_text", "").replace("%", "%%")
                filters.add_argument(*spellings, action="append", default=[], dest=f"filter_{name}", help=help_text)

    def handle(self, *args: Any, **options: Any) -> None:
        plan = WorkPlan.objects.filter(code=options["plan"]).first()
        if plan is None:
            known = ", ".join(WorkPlan.objects.values_list("code", flat=True)) or "none; run load_plan first"
            raise CommandError(f"There is no plan “{options['plan']}”. Plans here: {known}.")
        query = QueryDict(mutable=True)
        for name in ActivityFilterSet.base_filters:
            if options.get(f"filter_{name}"):
                query.setlist(name, options[f"filter_{name}"])
        query = with_moment_of_round(query, plan)
        filterset = ActivityFilterSet(query, queryset=Activity.objects.filter(plan=plan).for_display())
        problems = [f"--{name}: {text}" for name, texts in filterset.problems().items() for text in texts]
        if problems:
            raise CommandError("\n".join(problems))
        ending, number = options["format"], filterset.qs.count()
        if ending != "xlsx" and (refusal := too_many(number)):
            raise CommandError(refusal)
        path = reverse("plan", args=[plan.code])
        about = provenance(plan, filterset, absolute_url(f"{path}?{query.urlencode()}" if query else path))
        self._write(options["out"], matrix_file(about, filterset, ending, None))
        activities = "1 activity" if number == 1 else f"{number:,} activities"
        self.stdout.write(f"{options['out']}: {activities}, status as at {about.shown_in_words}.")

    def _write(self, out: Path, content: bytes | Iterator[bytes]) -> None:
        """All of the file or nothing: what stands there already is replaced once the new one is complete."""
        try:
            with NamedTemporaryFile(dir=out.parent, delete=False) as file:
                file.writelines([content] if isinstance(content, bytes) else content)
            os.chmod(file.name, 0o644)
            os.replace(file.name, out)
        except OSError as problem:
            raise CommandError(f"{out} cannot be written: {problem.strerror}.") from problem

"""A whole plan from a Word document or a workbook, for whoever sits at the server."""

import json
import re
import sys
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from workplan.actions import Actor, begin_plan_import
from workplan.exceptions import Refusal
from workplan.imports.files import opened
from workplan.imports.plan.records import Draft, Reading
from workplan.imports.plan.roles import ROLES
from workplan.imports.plan.writing import periods_in, reading_of, whats_missing, write
from workplan.models import WorkPlan

KINDS = ("docx", "xlsx")
LONGEST = 100  # letters of a text that are shown


class Command(BaseCommand):
    help = (
        "Makes a plan of a .docx or .xlsx file. Shows what is read of it first: the role of each column, the records, "
        "and text not assigned to any record. Nothing is saved unless all questions are answered."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="The document or workbook.")
        parser.add_argument("--code", required=True, help="Code of the new plan, as in its address.")
        parser.add_argument("--title", required=True, help="Title of the new plan.")
        parser.add_argument("--edition", default="", help="Edition, such as “Draft, March 2027”.")
        parser.add_argument(
            "--period", metavar="YYYY-YYYY", help="First and last year; else the period that the file names."
        )
        parser.add_argument("--predecessor", metavar="CODE", help="Code of the plan that it succeeds.")
        parser.add_argument(
            "--answers",
            metavar="FILE",
            type=Path,
            help="JSON with roles of columns, bodies and cells; docs/importing-plans.md says how.",
        )
        parser.add_argument(
            "--body",
            action="append",
            default=[],
            metavar="NAME=ACRONYM",
            help="The body that a name means; nothing after the sign for no body. Can be repeated.",
        )
        parser.add_argument(
            "--waive", default="", metavar="REASON", help="Why everything is left out that became part of no record."
        )
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--dry-run", action="store_true", help="Show what is read, and write nothing.")
        how.add_argument("--yes", action="store_true", help="Write without asking.")

    def handle(self, *args: Any, **options: Any) -> None:
        by = Actor(user=None, channel="command")
        try:
            content = options["file"].read_bytes()
            file = opened(options["file"].name, content, KINDS)
            answers = self._answers(options)
            reading = reading_of(file.content, file.kind, answers)
        except OSError as problem:
            raise CommandError(f"{options['file']} cannot be read: {problem.strerror}.") from problem
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        values = self._values(options, reading)
        self._show(reading)
        missing = whats_missing(reading)
        if missing:
            self.stdout.write("\nTo be answered:\n" + "\n".join(f"- {text}" for text in missing))
        if options["dry_run"]:
            self.stdout.write("\nThis was a trial. Nothing was written.")
            return
        if missing:
            raise CommandError("Nothing was written, because not everything is answered.")
        if not options["yes"] and not self._confirmed():
            self.stdout.write("Nothing was written.")
            return
        try:
            with transaction.atomic():
                pending = begin_plan_import(
                    file_name=file.name,
                    kind=file.kind,
                    content=file.content,
                    values={**values, "answers": answers},
                    by=by,
                )
                plan = write(reading, pending=pending, version=pending.version, by=by)
        except Refusal as refusal:
            words = [f"{name}: {text}" for name, texts in refusal.fields.items() for text in texts]
            raise CommandError("\n".join([refusal.message, *words])) from refusal
        self.stdout.write(f"“{plan}” was made of {file.name}: {_counted(reading)}.")

    def _answers(self, options: dict[str, Any]) -> dict[str, Any]:
        answers: dict[str, Any] = {}
        if options["answers"]:
            try:
                answers = json.loads(options["answers"].read_text(encoding="utf-8"))
            except ValueError as problem:
                raise CommandError(f"{options['answers']} is no JSON: {problem}.") from problem
            if not isinstance(answers, dict):
                raise CommandError(f"{options['answers']} has to hold an object.")
        bodies = dict(answers.get("bodies", {}))
        for one in options["body"]:
            name, sign, acronym = one.partition("=")
            if not sign:
                raise CommandError(f"--body {one}: give a name, an equals sign and an acronym, such as “Labour=SLOM”.")
            bodies[name.strip()] = acronym.strip()
        return answers | {"bodies": bodies, "waive": options["waive"] or answers.get("waive", "")}

    def _values(self, options: dict[str, Any], reading: Reading) -> dict[str, Any]:
        start, end = self._period(options["period"], reading)
        predecessor = None
        if options["predecessor"]:
            predecessor = WorkPlan.objects.filter(code=options["predecessor"]).first()
            if predecessor is None:
                known = ", ".join(WorkPlan.objects.values_list("code", flat=True)) or "none"
                raise CommandError(f"There is no plan “{options['predecessor']}”. Plans here: {known}.")
        return {
            "code": options["code"],
            "title": options["title"],
            "edition": options["edition"],
            "period_start": start,
            "period_end": end,
            "predecessor": predecessor,
        }

    def _period(self, given: str | None, reading: Reading) -> tuple[date, date]:
        if given is None:
            found = periods_in(reading)
            if len(found) != 1:
                named = ", ".join(f"{start:%Y}-{end:%Y}" for start, end in found) or "none"
                raise CommandError(f"Say which years the plan is for: --period 2027-2031. The file names: {named}.")
            return found[0]
        years = re.fullmatch(r"(\d{4})\s*[-–]\s*(\d{4})", given.strip())
        if years is None or not 1900 <= int(years[1]) <= int(years[2]) <= 2200:
            raise CommandError(f"--period {given}: give the first and the last year, such as 2027-2031.")
        return date(int(years[1]), 1, 1), date(int(years[2]), 12, 31)

    def _show(self, reading: Reading) -> None:
        write = self.stdout.write
        for layout in reading.layouts:
            used = "read as a plan" if layout.is_used else f"not read: {layout.why}"
            write(f"{layout.table.name}: {used}")
            for column in layout.columns if layout.is_used else ():
                write(f"  column {column.number} “{column.heading}”: {ROLES[column.role]}")
        for fact in reading.facts:
            write(f"About the plan: {fact}")
        for draft in reading.records():
            write(f"{'  ' * draft.ref.count('.')}{draft.ref} {_in_one_line(draft)}")
            if draft.kind == "activity":
                write(f"{'  ' * draft.ref.count('.')}    {_bodies(draft)}")
            if draft.why:
                write(f"{'  ' * draft.ref.count('.')}    chosen: {draft.reading_note}")
        for notice in reading.notices:
            write(f"Note: {notice}")
        for left in reading.leftovers:
            settled = (
                f"note at {left.note_of}" if left.note_of else f"left out: {left.reason}" if left.reason else "open"
            )
            write(f"In no record ({settled}) [{left.key}] {left.where}: {left.text[:LONGEST]} {left.hint}")
        write(f"Read: {_counted(reading)}.")

    def _confirmed(self) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Add --yes to write the plan, or --dry-run to look only.")
        return input("Make this plan? [y/N] ").strip().lower() in ("y", "yes")


def _in_one_line(draft: Draft) -> str:
    text = f"{draft.marker} {draft.text}".strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} …"


def _bodies(draft: Draft) -> str:
    leads = ", ".join(one.acronym or f"“{one.name}”?" for one in draft.leads) or "no lead named"
    others = [one.acronym or f"“{one.name}”?" for one in draft.cooperating]
    return (
        f"lead: {leads}; cooperating: {', '.join([*others, *(['all others'] if draft.all_others else [])]) or 'none'}"
    )


def _counted(reading: Reading) -> str:
    kinds = (("section", "sections"), ("provision", "provisions"), ("area", "areas"), ("activity", "activities"))
    counts = [(len(reading.of_kind(kind)), kind, several) for kind, several in kinds]
    return ", ".join(f"{count:,} {one if count == 1 else several}" for count, one, several in counts)

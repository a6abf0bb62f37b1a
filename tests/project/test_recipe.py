"""The recipe of CONTRIBUTING.md for a new field of an activity works as written, and touches at most five files."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
RECIPE = (ROOT / "CONTRIBUTING.md").read_text().split("### Add a field to an activity")[1].split("\n### ")[0]
STEP = re.compile(
    r"^\d+\. `(?P<file>[^`]+)`, below `(?P<above>[^`]+)`:\n\n   ```\w+\n(?P<lines>.*?)\n   ```$", re.M | re.S
)
NEEDED = ("apta", "workplan", "templates", "fixtures", "manage.py")

# Run in the copy, where the field exists.
WITNESS = """
from django.core.management import call_command
from django.test import Client
from workplan.actions import Actor, save_record
from workplan.models import Activity, AuditEntry, User

# In one process, because the database is in its memory.
call_command("makemigrations", "workplan", name="activity_timeframe", verbosity=0)
call_command("migrate", verbosity=0)
call_command("loaddata", "bodies", "tip-work-plan", verbosity=0)
admin = User.objects.create_superuser("ada")
activity = Activity.objects.get(ref="A.1.1.4")
client, signed_in = Client(SERVER_NAME="localhost"), Client(SERVER_NAME="localhost")
signed_in.force_login(admin)
form = signed_in.get(f"/admin/workplan/activity/{activity.pk}/change/")
assert 'name="timeframe"' in form.content.decode(), "kept in the administration"
activity.timeframe = "Each July until 2020"
save_record(record=activity, by=Actor(user=admin, channel="admin"))
assert "timeframe" in AuditEntry.objects.latest("pk").changes, "in the audit trail"
page = client.get(activity.get_absolute_url()).content.decode()
assert "Each July until 2020" in page, "on the page"
Activity.objects.filter(pk=activity.pk).update(notes=["A kaleidoscope"])
assert client.get("/api/v1/search/?q=kaleidoscopes").json()["count"] == 1, "found by its words"
for words, number in (("july", 1), ("june", 0)):
    found = client.get(f"/api/v1/activities/?timeframe={words}").json()
    assert found["count"] == number, "filtered by the API"
    listed = client.get(f"/plans/tip-2016-2020/activities/?timeframe={words}").content.decode()
    assert ('A.1.1.4' in listed) == bool(number), "filtered on the page"
assert client.get("/api/v1/activities/?ref=A.1.1.4").json()["results"][0]["timeframe"] == "Each July until 2020", "API"
file = b"".join(client.get("/plans/tip-2016-2020/activities.csv?timeframe=july").streaming_content).decode()
assert "Time frame" in file and "Each July until 2020" in file, "exported"
"""


def test_a_new_field_takes_at_most_five_files_a_migration_and_a_test() -> None:
    files = [step["file"] for step in STEP.finditer(RECIPE)]

    assert len(files) == len(re.findall(r"^\d+\. ", RECIPE, re.M)), "each step can be followed by a program"
    assert 1 <= len(set(files)) <= 5


def test_the_recipe_for_a_new_field_works_as_it_is_written(tmp_path: Path) -> None:
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    for step in STEP.finditer(RECIPE):
        follow(tmp_path / step["file"], step["above"], step["lines"])

    environment = {name: value for name, value in os.environ.items() if not name.startswith(("APTA_", "DATABASE_URL"))}
    done = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "--command", WITNESS],
        cwd=tmp_path,
        env={**environment, "APTA_DEBUG": "1", "DATABASE_URL": "sqlite://:memory:"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    [migration] = (tmp_path / "workplan/migrations").glob("*_activity_timeframe.py")
    assert "timeframe" in migration.read_text()


def follow(file: Path, above: str, text: str) -> None:
    """Write ``text`` below the one line, or the statement begun by the one line, that begins with ``above``."""
    lines = file.read_text().splitlines()
    [place] = [number for number, line in enumerate(lines) if line.strip().startswith(above)]
    # A call over several lines ends where its brackets do.
    end = place
    while file.suffix == ".py" and sum(line.count("(") - line.count(")") for line in lines[place : end + 1]) != 0:
        end += 1
    added = [line.removeprefix("   ") for line in text.splitlines()]
    file.write_text("\n".join([*lines[: end + 1], *added, *lines[end + 1 :]]) + "\n")

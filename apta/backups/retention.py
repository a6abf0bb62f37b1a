"""Which backups stay."""

import datetime
import re
from pathlib import Path

# What ``writing`` names its files; nothing else is ever removed.
NAME = re.compile(r"apta-(\d{8}T\d{6})Z(?:-\d+)?\.tar\.gz(?:\.age)?")


def backups_in(folder: Path) -> list[tuple[datetime.datetime, Path]]:
    """The backups in ``folder`` with their moments, the newest first."""
    found = []
    for path in folder.iterdir():
        match = NAME.fullmatch(path.name)
        if match and path.is_file():
            found.append((datetime.datetime.strptime(f"{match[1]}+0000", "%Y%m%dT%H%M%S%z"), path))
    return sorted(found, reverse=True)


def remove_old(folder: Path, *, count: int | None, days: int | None, now: datetime.datetime) -> list[Path]:
    """Remove the backups that no rule keeps; which. The newest one always stays.

    Args:
        count: so many of the newest stay.
        days: what is younger stays.
        now: from when the days count.
    """
    if count is None and days is None:
        return []
    removed = []
    for place, (moment, path) in enumerate(backups_in(folder)):
        is_counted = count is not None and place < count
        is_young = days is not None and moment > now - datetime.timedelta(days=days)
        if place and not is_counted and not is_young:
            path.unlink()
            path.with_name(f"{path.name}.sha256").unlink(missing_ok=True)
            removed.append(path)
    return removed

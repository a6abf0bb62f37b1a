"""The browser of the tests: the system's Chromium, never one that Playwright downloads."""

import os
import shutil
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")

HOW_TO_GET_IT = (
    "The tests of the pages need Chromium and found none. Install it (Debian: apt-get install chromium) "
    "or give its path in APTA_CHROMIUM."
)

# A test's browser speaks to the test's server only.
ARGUMENTS = (
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)


def chromium_path() -> str:
    """Where Chromium is: ``APTA_CHROMIUM``, or the first known name on the path.

    Raises:
        FileNotFoundError: there is none; the message says how to get one.
    """
    named = os.environ.get("APTA_CHROMIUM")
    found = shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        raise FileNotFoundError(HOW_TO_GET_IT if not named else f"APTA_CHROMIUM names no program: {named}")
    return found


def launch_options() -> dict[str, Any]:
    """What Playwright's ``chromium.launch(**launch_options())`` needs on this machine."""
    arguments = list(ARGUMENTS)
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        # Chromium's sandbox refuses to work for root.
        arguments.append("--no-sandbox")
    return {"executable_path": chromium_path(), "args": arguments}

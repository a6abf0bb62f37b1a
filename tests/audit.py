"""What apta runs with: known weaknesses, licences, and a bill of materials. ``make audit`` runs it.

Asks a service on the network for known weaknesses; where that cannot be reached, it says so and ends with 1, because
nothing is known then.
"""

import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build/audit"
TOOLS = FOLDER / "audit/bin"
BILL = FOLDER / "bill-of-materials.cdx.json"
LICENCES = FOLDER / "licences.txt"

# Under these a public body may run, change and hand on apta with its packages. A part of each licence as packages
# name it, in lower case; the names follow https://spdx.org/licenses/
ALLOWED = (
    *("mit", "bsd", "apache", "isc", "psf", "python software foundation", "mpl", "mozilla public", "unlicense", "zlib"),
    *("hpnd", "cnri-python", "0bsd"),
    # psycopg2: the library may be used by programs of any licence.
    *("lgpl", "lesser general public"),
)
# Named in no way that a program reads; read in the files LICENSE of the packages.
READ = {"pyrage": "MIT", "uritemplate": "BSD-3-Clause OR Apache-2.0"}


def main() -> int:
    """Write bill of materials and licences, and ask for weaknesses; 0 where nothing is wrong."""
    write_bill()
    packages = licences_of(json.loads(BILL.read_text())["components"])
    LICENCES.write_text("".join(f"{name}: {licence or 'not named'}\n" for name, licence in packages.items()))
    print(f"{len(packages)} packages: {BILL.relative_to(ROOT)}, {LICENCES.relative_to(ROOT)}")
    unknown = not_allowed(packages)
    for name in unknown:
        print(f"The licence of {name} is not one of those that are allowed: {packages[name] or 'not named'}")
    weak = subprocess.run(weaknesses_command(), cwd=ROOT).returncode
    if weak:
        print("There are known weaknesses, or the service that knows of them was not reached: see above.")
    return 1 if unknown or weak else 0


def write_bill() -> None:
    """The bill of materials in CycloneDX, of an environment that has what apta runs with and nothing else."""
    program = str(TOOLS / "cyclonedx-py")
    inspected = str(FOLDER / "base/bin/python")
    command = (program, "environment", inspected, "--pyproject", "pyproject.toml", "--output-reproducible")
    subprocess.run((*command, "--output-file", str(BILL)), cwd=ROOT, check=True)


def weaknesses_command() -> tuple[str, ...]:
    """Ask for known weaknesses of just the versions that are locked."""
    locked = ("--require-hashes", "--disable-pip", "--requirement", "requirements/base.txt")
    return (str(TOOLS / "pip-audit"), "--progress-spinner", "off", *locked)


def licences_of(components: Iterable[dict[str, Any]]) -> dict[str, str]:
    """The licence that each package names, by its name and version."""
    found = {}
    for one in components:
        if one["name"] in {"pip", "setuptools"}:  # of the environment, not of apta
            continue
        named = [
            entry.get("expression") or entry.get("license", {}).get("id") or entry.get("license", {}).get("name", "")
            for entry in one.get("licenses", ())
        ]
        short = [name for name in named if name and "\n" not in name]
        found[f"{one['name']} {one['version']}"] = "; ".join(dict.fromkeys(short)) or READ.get(one["name"], "")
    return dict(sorted(found.items(), key=lambda pair: pair[0].lower()))


def not_allowed(packages: dict[str, str]) -> list[str]:
    """The packages whose licence is not named, or not one of ``ALLOWED``."""
    return [name for name, licence in packages.items() if not any(part in licence.lower() for part in ALLOWED)]


if __name__ == "__main__":
    sys.exit(main())

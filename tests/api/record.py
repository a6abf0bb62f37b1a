"""Record what every address answers: ``python -m tests.api.record 0.4.0``.

``tests/api/test_unchanged_answers.py`` says what for.
"""

import os
import sys
from pathlib import Path

import pytest


def main() -> int:
    if len(sys.argv) != 2:
        print("Name the release under which the answers are kept: python -m tests.api.record 0.4.0")
        return 2
    os.environ["APTA_RECORD_ANSWERS"] = sys.argv[1]
    test = Path(__file__).with_name("test_unchanged_answers.py")
    return int(pytest.main([str(test), "-q", "-p", "no:randomly"]))


if __name__ == "__main__":
    sys.exit(main())

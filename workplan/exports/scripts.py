"""Scripts of the region that the usual fonts lack: which letters are of them, and what they are set in."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FONTS = Path(__file__).resolve().parent / "fonts"


@dataclass(frozen=True, slots=True)
class Script:
    """A script with a font of its own.

    Attributes:
        name: as Unicode calls it.
        language: the language that is written in it, by its tag (BCP 47).
        letters: its characters, as ranges of a regular expression (The Unicode Standard, code charts).
    """

    name: str
    language: str
    letters: str

    @property
    def font(self) -> str:
        """The name of its font, whose file stands in ``fonts``."""
        return f"Noto Sans {self.name}"


SCRIPTS = (
    Script("Thai", "th-TH", "\u0e00-\u0e7f"),
    Script("Lao", "lo-LA", "\u0e80-\u0eff"),
    Script("Myanmar", "my-MM", "\u1000-\u109f\ua9e0-\ua9ff\uaa60-\uaa7f"),
    Script("Khmer", "km-KH", "\u1780-\u17ff\u19e0-\u19ff"),
)
_BY_LETTERS = {script.name: script for script in SCRIPTS}
_RUNS = re.compile("|".join(f"(?P<{script.name}>[{script.letters}\u200b-\u200d]+)" for script in SCRIPTS))


def parts_by_script(text: str) -> Iterator[tuple[str, Script | None]]:
    """``text`` in parts of one script each; ``None`` for Latin and all else."""
    done = 0
    for found in _RUNS.finditer(text):
        if found.start() > done:
            yield text[done : found.start()], None
        yield found[0], _BY_LETTERS[str(found.lastgroup)]
        done = found.end()
    if done < len(text):
        yield text[done:], None

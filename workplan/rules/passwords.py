"""What is left of a password without the words that everybody knows."""

import re
import unicodedata
from collections.abc import Iterable

# Letters and what is often typed in their place read alike; so do the letters that look like one digit.
_LOOKALIKES = str.maketrans({"4": "a", "@": "a", "3": "e", "1": "i", "!": "i", "l": "i", "0": "o", "5": "s", "$": "s"})
_SEPARATORS = re.compile(r"[^\w@!$]|_")
SHORTEST_WORD = 3


def words_of(*texts: str, shortest: int = SHORTEST_WORD) -> set[str]:
    """The words of some texts that are long enough to be looked for, whole texts without their separators included.

    Args:
        texts: names, acronyms, titles.
        shortest: the number of letters from which a word counts.
    """
    found = set()
    for text in texts:
        parts = re.findall(r"[^\W_]+", _folded(text))
        found |= {part for part in (*parts, "".join(parts)) if len(part) >= shortest}
    return found


def without_words(password: str, words: Iterable[str]) -> str:
    """The letters and digits of a password that belong to none of ``words``, whatever stands between them."""
    plain = _SEPARATORS.sub("", _folded(password))
    read = plain.translate(_LOOKALIKES)
    known = [False] * len(plain)
    for word in sorted((_folded(word).translate(_LOOKALIKES) for word in words), key=len, reverse=True):
        start = read.find(word)
        while word and start >= 0:
            known[start : start + len(word)] = [True] * len(word)
            start = read.find(word, start + 1)
    return "".join(letter for letter, is_known in zip(plain, known, strict=True) if letter.isalnum() and not is_known)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()

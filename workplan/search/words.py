"""What a word is, in every script: one rule for the indexes, for queries and for highlighting.

A word is a run of letters, digits and the marks on them. In scripts that put no space between words (Thai, Lao,
Khmer, Burmese, Chinese, Javanese, Balinese and their like) each letter with its marks counts as a word, and a
longer word is found as a phrase, anywhere in a line. Source: the default word boundaries of Unicode Standard Annex
#29; Balinese, Javanese and similar scripts, which that annex leaves in runs, are known by their line breaking class
(Annex #14).

SQLite calls ``words_of`` and ``stems_of`` from its triggers under the names ``apta_words`` and ``apta_stems``.
PostgreSQL has a function ``apta_words`` that a migration writes from the same three sets of characters, and stems by
the same algorithm, Porter's.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import regex
import snowballstemmer

# Sets of characters, by their Unicode properties.
LETTERS = r"[\p{L}\p{N}\p{M}]"
# Letters of scripts without spaces between words.
UNSPACED = r"[\p{L}&&[\p{Word_Break=Other}\p{Line_Break=AK}\p{Line_Break=AP}\p{Line_Break=AS}]]"
# Characters that make no difference: accents, the vowel points of Arabic and Hebrew, and invisible characters. The
# marks of other scripts, and the voicing marks of kana, make another syllable.
IGNORED = (
    r"[[[\p{M}&&[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}]]--[\u3099\u309A]]"
    r"\p{Word_Break=Format}\p{Word_Break=ZWJ}\u200C]"
)
# Letters that count as others, though Unicode does not decompose them: many type Da Nang for Đà Nẵng.
EQUIVALENT = str.maketrans("đς", "dσ")  # noqa: RUF001

# A word in a text: a run of letters, or one letter of a script without spaces, with its marks.
WORD = regex.compile(rf"[{LETTERS}{IGNORED}--{UNSPACED}]+|{UNSPACED}[\p{{M}}{IGNORED}]*", regex.V1)
_IGNORED = regex.compile(f"{IGNORED}+", regex.V1)
# Most texts are in composed Latin letters and need none of those properties, which is ten times quicker.
_LATIN = re.compile(r"[\0-\u00AC\u00AE-\u02FF\u1E00-\u1EFF\u2010-\u2027\u20A0-\u20BF]*")
_ACCENTS = re.compile(r"[\u0300-\u036F]+")
_LATIN_WORD = re.compile(r"[^\W_]+")


def iter_words(text: str) -> Iterator[Any]:
    """The words of ``text`` as matches, unfolded."""
    return _LATIN_WORD.finditer(text) if _LATIN.fullmatch(text) else WORD.finditer(text)


def fold(text: str) -> str:
    """``text`` in lower case and without ignored characters."""
    if text.isascii():
        return text.lower()
    bare = _ACCENTS.sub("", unicodedata.normalize("NFD", text))
    if not _LATIN.fullmatch(bare):
        bare = _IGNORED.sub("", bare)
    return bare.lower().translate(EQUIVALENT)


def tokens(text: str) -> tuple[str, ...]:
    """The folded words of ``text``: the form in which words are compared."""
    return tuple(found[0] for found in iter_words(fold(text)))


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of a folded English word (M. F. Porter, 1980): "trafficking" and "trafficked" have one."""
    if len(word) < 3:
        return word
    # A stemmer has a state, so threads must not share one.
    stemmed: str = snowballstemmer.stemmer("porter").stemWord(word)
    return stemmed


def words_of(text: str) -> str:
    """The folded words of ``text``, separated by spaces."""
    return " ".join(tokens(text))


def stems_of(text: str) -> str:
    """The stems of the words of ``text``, separated by spaces."""
    return " ".join(map(stem, tokens(text)))


def register_sqlite_functions(connection: Any, **_: Any) -> None:
    """Add the functions that the triggers of the search indexes call to a new connection to SQLite."""
    if connection.vendor == "sqlite":
        connection.connection.create_function("apta_words", 1, words_of, deterministic=True)
        connection.connection.create_function("apta_stems", 1, stems_of, deterministic=True)

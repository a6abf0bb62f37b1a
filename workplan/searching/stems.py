"""The stem of an English word, by the algorithm that both databases use (M. F. Porter, 1980).

The databases find by stems; this finds the same words again in a text, to mark them.
"""

from functools import lru_cache
from itertools import pairwise

# The endings of each step, longest first among those that end alike, with what takes their place.
SECOND = {
    **{"ational": "ate", "tional": "tion", "enci": "ence", "anci": "ance", "izer": "ize", "abli": "able"},
    **{"alli": "al", "entli": "ent", "eli": "e", "ousli": "ous", "ization": "ize", "ation": "ate", "ator": "ate"},
    **{"alism": "al", "iveness": "ive", "fulness": "ful", "ousness": "ous", "aliti": "al", "iviti": "ive"},
    **{"biliti": "ble"},
}
THIRD = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
FOURTH = (
    *("al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ion", "ou", "ism", "ate"),
    *("iti", "ous", "ive", "ize"),
)


def _is_consonant(word: str, place: int) -> bool:
    letter = word[place]
    if letter == "y":
        return place == 0 or not _is_consonant(word, place - 1)
    return letter not in "aeiou"


def _measure(stem: str) -> int:
    """How often a vowel is followed by a consonant."""
    kinds = [_is_consonant(stem, place) for place in range(len(stem))]
    return sum(consonant and not before for before, consonant in pairwise(kinds))


def _has_vowel(stem: str) -> bool:
    return any(not _is_consonant(stem, place) for place in range(len(stem)))


def _ends_double(word: str) -> bool:
    return len(word) > 1 and word[-1] == word[-2] and _is_consonant(word, len(word) - 1)


def _ends_short(word: str) -> bool:
    """Consonant, vowel, consonant at the end, the last none of w, x and y."""
    last = len(word) - 1
    return (
        last >= 2
        and _is_consonant(word, last - 2)
        and not _is_consonant(word, last - 1)
        and _is_consonant(word, last)
        and word[-1] not in "wxy"
    )


def _without_plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_tense(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    for ending in ("ed", "ing"):
        if word.endswith(ending) and _has_vowel(word[: -len(ending)]):
            stem = word[: -len(ending)]
            if stem.endswith(("at", "bl", "iz")):
                return stem + "e"
            if _ends_double(stem) and stem[-1] not in "lsz":
                return stem[:-1]
            return stem + "e" if _measure(stem) == 1 and _ends_short(stem) else stem
    return word


def _replaced(word: str, endings: dict[str, str]) -> str:
    ending = max((one for one in endings if word.endswith(one)), key=len, default="")
    if ending and _measure(word[: -len(ending)]) > 0:
        return word[: -len(ending)] + endings[ending]
    return word


def _without_ending(word: str) -> str:
    ending = max((one for one in FOURTH if word.endswith(one)), key=len, default="")
    stem = word[: -len(ending)] if ending else word
    if ending and _measure(stem) > 1 and (ending != "ion" or stem.endswith(("s", "t"))):
        return stem
    return word


def _without_e(word: str) -> str:
    if word.endswith("e"):
        measure = _measure(word[:-1])
        if measure > 1 or (measure == 1 and not _ends_short(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    """The stem of ``word``, which is folded: "trafficking" and "trafficked" have one."""
    if len(word) < 3 or not word.isascii():
        return word
    word = _without_tense(_without_plural(word))
    if word.endswith("y") and _has_vowel(word[:-1]):
        word = word[:-1] + "i"
    word = _replaced(_replaced(word, SECOND), THIRD)
    return _without_e(_without_ending(word))

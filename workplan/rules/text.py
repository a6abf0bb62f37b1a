"""Which characters a text can have, and the form in which texts are kept and compared."""

import re
import unicodedata

import regex

# What no readable text holds: control characters but tab and line ends, which XML 1.0 excludes and of which PostgreSQL
# stores no NUL; halves of surrogate pairs, which are no characters and cannot be written in UTF-8; the two
# noncharacters that XML excludes; and the replacement character, which stands where something could not be read.
UNREADABLE = re.compile("[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f\\ud800-\\udfff\\ufffd-\\uffff]")
UNREADABLE_TEXT = "This holds characters that are no readable text. Type it again, or paste it as plain text."
REPLACEMENT = "\ufffd"

# Carriage returns as browsers send them, and the line ends of Unicode.
_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
# White space, and what Unicode says is shown as nothing at all (Default_Ignorable_Code_Point); the blank of braille.
_NOTHING_TO_SEE = regex.compile(r"[\s\p{Default_Ignorable_Code_Point}\u2800]*")
# Between two words a zero width space divides them, as in Khmer, Thai and Burmese; at an end it divides nothing.
_AT_THE_ENDS = "\u200b\u2060\ufeff"
# The marks on one letter are sorted in time that grows with the square of their number. No letter of any language has
# more than this (the Stream-Safe Text Format of Unicode Standard Annex #15).
_TOO_MANY_MARKS = regex.compile(r"\p{M}{31}")


def readable(text: str) -> str:
    """``text`` with the replacement character U+FFFD in place of each character that no text can have.

    Databases, files and answers take the result, and ``UNREADABLE`` still finds where something was replaced, so that
    it can be refused beside its field.
    """
    return UNREADABLE.sub(REPLACEMENT, text)


def normalised(text: str) -> str:
    """``text`` in the form in which it is counted, compared and kept, by whichever way it came.

    It is readable; each line ends in one line feed; characters are composed (NFC), so that two ways to write one
    letter are one; and nothing that cannot be seen stands at its ends, nor alone. What stands between other
    characters stays, invisible ones that some scripts need included.
    """
    text = readable(_LINE_END.sub("\n", text))
    if not text.isascii():
        text = composed(text)
        if _NOTHING_TO_SEE.fullmatch(text):
            return ""
        bare = text.strip().strip(_AT_THE_ENDS)
        while bare != text:
            text, bare = bare, bare.strip().strip(_AT_THE_ENDS)
    return text.strip()


def composed(text: str) -> str:
    """``text`` in Unicode's normalisation form C; as it is where a letter has more marks than letters have."""
    if text.isascii() or _TOO_MANY_MARKS.search(text):
        return text
    return unicodedata.normalize("NFC", text)


def normalised_value(value: object) -> object:
    """``value`` with each text in it normalised; lists keep their order, names their texts."""
    if isinstance(value, str):
        return normalised(value)
    if isinstance(value, dict):
        return {normalised(str(name)): normalised_value(one) for name, one in value.items()}
    return [normalised_value(one) for one in value] if isinstance(value, list) else value


def is_secret(name: object) -> bool:
    """Whether a field of this name holds a password, of which every character counts as it was typed."""
    return isinstance(name, str) and "password" in name.casefold()


# Quotation marks, dashes and other signs that programs put in place of the typed ones, by themselves.
_TYPESET = {
    **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u2032"), "'"),
    **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u2033"), '"'),
    **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212"), "-"),
    ord("\u2026"): "...",
}


def as_typed(text: str) -> str:
    """``text`` with plain quotation marks, hyphens and spaces, and each run of spaces as one: for comparing.

    Programs put typeset signs and spaces that do not break in place of typed ones, without anybody wanting a change.
    """
    lines = (" ".join(line.split()) for line in text.translate(_TYPESET).split("\n"))
    return "\n".join(lines).strip()


def shortened(text: str, most: int) -> str:
    """The beginning of ``text``, of at most ``most`` characters; no letter is cut off from its marks."""
    if len(text) <= most:
        return text
    cut = most
    while cut and regex.match(r"\X", text, pos=cut - 1).end() != cut:  # type: ignore[union-attr]
        cut -= 1
    return text[:cut]


# A letter of the Latin script, with the marks that are characters of their own.
_LATIN = regex.compile(r"\p{Script=Latin}\p{M}*")
_NOT_IN_SLUGS = regex.compile(r"[^\p{L}\p{M}\p{N}\s_-]")
_BETWEEN_WORDS = regex.compile(r"[\s\u200B-]+")


def slug_of(name: str, most: int) -> str:
    """``name`` as a part of an address, cut between words where it can be; empty where it has no letter or digit.

    Latin letters lose their accents, which many keyboards lack; other scripts stay as they are, with their marks.
    """
    plain = _LATIN.sub(lambda found: _ascii(found[0]), composed(name)).lower()
    words = _NOT_IN_SLUGS.sub("", _BETWEEN_WORDS.sub("-", plain)).strip("-_")
    words = regex.sub(r"-+", "-", words)
    if len(words) > most:
        words = words[: most + 1].rpartition("-")[0] or shortened(words, most)
    return words.strip("-_")


def _ascii(letter: str) -> str:
    return unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()

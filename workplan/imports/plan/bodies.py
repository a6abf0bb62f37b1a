"""Who leads and who cooperates, from the cell that names the bodies."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from workplan.imports.plan.markers import NUMBER, is_placeholder, marked
from workplan.imports.plan.source import Line

# Member states, as they are written behind the acronym of a body that they lead in.
COUNTRIES = ("Brunei Darussalam", "Brunei", "Cambodia", "Indonesia", "Lao PDR", "Laos", "Malaysia", "Myanmar",
             "Philippines", "Singapore", "Thailand", "Timor-Leste", "Viet Nam", "Vietnam")  # fmt: skip
_COUNTRY = "|".join(sorted((re.escape(country) for country in COUNTRIES), key=len, reverse=True))
_COUNTRIES = re.compile(rf"(?:the\s+)?(?:{_COUNTRY})(?:\s*(?:,|&|and|/)\s*(?:the\s+)?(?:{_COUNTRY}))*", re.IGNORECASE)
_OTHERS = re.compile(
    r"\(?\s*all\s+(?:the\s+)?other\s+(?:SBs?|sectoral\s+bodies|bodies|ASEAN\s+sectoral\s+bodies)\s*\)?", re.IGNORECASE
)
_ENDING = r"(?:\s+(?:sectoral\s+)?(?:bod(?:y|ies)|organs?|agenc(?:y|ies)|organi[sz]ations?|countr(?:y|ies)|SBs?))?"
# “Lead:”, “Lead Sectoral Body:”, clipped “ead:” and “Le ead:”; “CSB:”, “Cooperating Sectoral Body:”, cut “Cooperatin”.
_LEAD = rf"(?P<lead>(?:L(?:e)?\s?)?ead(?:ing)?(?:\s*/\s*co-?lead)?{_ENDING})"
_COOPERATING = rf"(?P<csb>CSBs?|co-?operatin\s?g?{_ENDING}|support(?:ing|ed\s+by)?{_ENDING})"
_ROLE = re.compile(rf"(?<![A-Za-z])(?:{_LEAD}|{_COOPERATING})\s*(?P<colon>[:：]|\s[-–]\s)", re.IGNORECASE)  # noqa: RUF001
_ROLE_AT_START = re.compile(rf"(?:{_LEAD}|{_COOPERATING})(?:\s*$|\s+(?=[A-Z]))(?P<colon>)", re.IGNORECASE)
_NO_LEAD = "no lead named"

NOT_PAIRED = "Its bodies are not said to be its own: {what}. It is read as having none; name them in the open question."


@dataclass(slots=True)
class Named:
    """A body as a cell names it.

    Attributes:
        name: as printed.
        acronym: the body it stands for; empty where it is none that is known.
        country: the member states named with it.
        why: what was chosen in the reading of it.
    """

    name: str
    acronym: str
    country: str = ""
    why: str = ""


@dataclass(slots=True)
class Group:
    """The bodies of one activity, or of all of a row.

    Attributes:
        parts: the marker before them, taken apart.
        all_others: whether all other bodies cooperate.
        printed: the words as they stand.
        why: what was chosen in the reading.
    """

    parts: tuple[str, ...] = ()
    leads: list[Named] = field(default_factory=list)
    cooperating: list[Named] = field(default_factory=list)
    all_others: bool = False
    printed: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    has_lead_word: bool = False
    has_csb_word: bool = False

    @property
    def text(self) -> str:
        """Its words as they stand, in one line."""
        return " ".join(" ".join(self.printed).split())

    @property
    def is_empty(self) -> bool:
        """Whether it names nobody."""
        return not (self.leads or self.cooperating or self.all_others)


class BodyNames:
    """The bodies that are known, by every way to write them.

    Args:
        spellings: for each acronym, name and other spelling the acronym.
        answers: what people said of names that are none of these; an empty acronym for what is no body.
    """

    def __init__(self, spellings: Mapping[str, str], answers: Mapping[str, str] = {}) -> None:
        self.known = {key(spelling): acronym for spelling, acronym in spellings.items() if key(spelling)}
        self.answers = {key(name): acronym for name, acronym in answers.items()}

    def acronym(self, name: str) -> str:
        """The acronym of the body that ``name`` stands for; empty where it stands for none."""
        return self.answers.get(key(name)) or self.known.get(key(name), "")

    def is_answered(self, name: str) -> bool:
        """Whether somebody said what ``name`` is."""
        return key(name) in self.answers

    def named(self, text: str) -> list[Named]:
        """The bodies that ``text`` names, in order."""
        found: list[Named] = []
        for piece in _pieces(text):
            found += self._of_piece(piece)
        return found

    def _of_piece(self, piece: str) -> list[Named]:
        one = self._one(piece)
        if one.acronym or self.is_answered(piece):
            return [one]
        for pattern, why in ((r"\s+(?:and|with|&)\s+", ""), (r"\s+", "words")):
            parts = [part for part in re.split(pattern, piece) if part]
            if why:
                # “SOMSWD a ACWC”, “AICHR ACWC”: names without, or with a clipped, word between them.
                parts = [part for part in parts if len(part) > 1 and part.lower() not in ("and", "an", "nd")]
            several = [self._one(part) for part in parts]
            if len(several) > 1 and all(each.acronym for each in several):
                for each in several:
                    each.why = f"“{piece}” is read as {len(several)} bodies." if why else each.why
                return several
            if not why and len(several) > 1 and any(each.acronym for each in several):
                return [each for part in parts for each in self._of_piece(part)]
        return [one]

    def _one(self, piece: str) -> Named:
        if acronym := self.acronym(piece):
            return Named(piece, acronym)
        country = ""
        bare = piece
        if match := re.search(rf"[\s(,-]+(?P<countries>{_COUNTRIES.pattern})\s*\)?\s*$", piece, re.IGNORECASE):
            country, bare = match["countries"].strip(), piece[: match.start()].strip()
        return Named(piece, self.acronym(bare), country if self.acronym(bare) else "")


def key(name: str) -> str:
    """What spellings are compared by: letters and digits alone, without regard to case."""
    return re.sub(r"[\W_]", "", name.casefold())


def _pieces(text: str) -> Iterable[str]:
    """``text`` divided at commas, semicolons, slashes and ampersands that stand in no bracket."""
    depth, piece = 0, ""
    for place, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        # “Philippines & Indonesia” behind an acronym are the countries of one body.
        is_between = letter in ",;/&\n" and depth <= 0 and not _joins_countries(text, place)
        if is_between:
            yield from _cleaned(piece)
            piece = ""
        else:
            piece += letter
    yield from _cleaned(piece)


def _joins_countries(text: str, place: int) -> bool:
    before = re.search(rf"(?:{_COUNTRY})\s*$", text[:place], re.IGNORECASE)
    return bool(before) and bool(re.match(rf"\s*(?:{_COUNTRY})", text[place + 1 :], re.IGNORECASE))


def _cleaned(piece: str) -> Iterable[str]:
    bare = re.sub(r"^(?:and|with)\s+|\s+(?:and|with)$", "", " ".join(piece.split()), flags=re.IGNORECASE).strip(" .:")
    if bare and not is_placeholder(bare):
        yield bare


def groups_in(
    lines: Sequence[Line], names: BodyNames, *, role: str = "", heading: str = "", by_weight: bool = False
) -> list[Group]:
    """The bodies of a cell, one group for each marker or each lead.

    Args:
        names: the known bodies.
        role: ``lead`` or ``cooperating`` where the column names only these.
        heading: the heading of the column.
        by_weight: whether bold alone says who leads, as in documents of ours.
    """
    made = _Cell(lines, names, role, heading)
    made.tells_by_weight = made.tells_by_weight or by_weight
    return made.groups()


class _Cell:
    def __init__(self, lines: Sequence[Line], names: BodyNames, role: str, heading: str) -> None:
        self.lines, self.names, self.role = lines, names, role
        # A heading that speaks of responsibility alone names those who lead.
        self.is_about_both = not role and bool(re.search(r"cooperat|lead|csb", heading, re.IGNORECASE))
        shown = [line for line in lines if line.text.strip()]
        self.tells_by_weight = any(line.is_strong for line in shown) and not all(line.is_strong for line in shown)
        self.found: list[Group] = []
        self.current = role

    def groups(self) -> list[Group]:
        """The bodies of the cell in groups."""
        for line in self.lines:
            self._line(line)
        for group in self.found:
            self._finish(group)
        return self.found

    def _group(self) -> Group:
        if not self.found:
            self.found.append(Group())
        return self.found[-1]

    def _line(self, line: Line) -> None:
        one = marked(line)
        if one.kind == NUMBER:
            self.found.append(Group(one.parts))
            self.current = self.role
        elif one.kind:
            self.current = self.role or self.current
        text = one.text
        if (one.is_remark or text.startswith("*")) and text.strip().lower() != _NO_LEAD:
            self._group().remarks.append(text)
            self._group().printed.append(line.text)
            self._group().remarks += line.remarks
            return
        said_before = bool(self.found) and bool(self._group().printed)
        segments = _segments(text)
        for role, words in segments:
            self._segment(role, words, line, is_new=said_before)
        group = self._group()
        group.printed.append(line.text)
        group.remarks += line.remarks

    def _segment(self, role: str, words: str, line: Line, *, is_new: bool) -> None:
        if role == "lead":
            if self._group().has_lead_word or (self._group().has_csb_word and not self._group().parts):
                self.found.append(Group())
            self._group().has_lead_word = True
        elif role == "cooperating":
            if self._group().has_csb_word and self._group().cooperating:
                self.found.append(Group())
            self._group().has_csb_word = True
        self.current = role or self.current
        if words.strip():
            self._take(words, role, line)

    def _take(self, words: str, role: str, line: Line) -> None:
        group = self._group()
        if words.strip().lower().strip("()") == _NO_LEAD:
            return
        if _OTHERS.search(words):
            group.all_others = True
            words = _OTHERS.sub(" ", words)
        named = self.names.named(words)
        if not named:
            return
        is_lead = self._is_lead(group, role, line)
        (group.leads if is_lead else group.cooperating).extend(named)

    def _is_lead(self, group: Group, role: str, line: Line) -> bool:
        """Whether the names of a line lead: by word, by weight, or as the first of a marked group."""
        if role or self.role:
            return (role or self.role) == "lead"
        if group.has_lead_word or group.has_csb_word:
            # Below a lead, names without a word cooperate; right after “Lead:”, they lead.
            if self.current == "lead" and not group.leads:
                return True
            if self.current == "lead" and group.printed and group.printed[-1].rstrip().endswith((",", "and", "&", "/")):
                return True
            self.current = "cooperating"
            return False
        if self.tells_by_weight:
            return line.is_strong
        if not self.is_about_both:
            return True
        if group.parts and not group.leads and not group.cooperating:
            group.why.append("No “Lead” is printed; the first name is read as the lead.")
            return True
        if not group.leads and "without" not in " ".join(group.why):
            group.why.append("Names without “Lead” or “CSB” are read as cooperating.")
        return False

    def _finish(self, group: Group) -> None:
        for each in (*group.leads, *group.cooperating):
            if each.why and each.why not in group.why:
                group.why.append(each.why)
        known = {each.acronym for each in group.leads if each.acronym}
        both = [each.acronym for each in group.cooperating if each.acronym in known]
        if both:
            group.why.append(f"{', '.join(both)} is named as lead and as cooperating; it is read as lead.")
        group.leads, group.cooperating = _once(group.leads, set()), _once(group.cooperating, known)
        if len(group.leads) > 1 and "/" in group.text:
            group.why.append("Bodies with a slash between them are read as joint leads.")
        if group.has_csb_word and not group.cooperating and not group.all_others:
            group.why.append("No name is printed after the words for cooperating bodies.")
        if re.search(r"(?<![A-Za-z])(?:L?e\s)?ead\s?:|(?<![Ll])ead\s*:", group.text):
            group.why.append("A clipped “Lead” is read as “Lead”.")


def _once(named: list[Named], taken: set[str]) -> list[Named]:
    """``named`` without bodies that are in ``taken`` or named before."""
    found, seen = [], set(taken)
    for each in named:
        if not each.acronym or each.acronym not in seen:
            found.append(each)
        seen.add(each.acronym)
    return found


def _segments(text: str) -> list[tuple[str, str]]:
    """``text`` by the words that say a role: each role with what follows it; what stands first has none."""
    at_start = _ROLE_AT_START.match(text)
    ends = [(0, at_start.end(), at_start)] if at_start and not _ROLE.match(text) else []
    ends += [(found.start(), found.end(), found) for found in _ROLE.finditer(text)]
    if not ends:
        return [("", text)]
    found = [("", text[: ends[0][0]])] if text[: ends[0][0]].strip() else []
    for place, (_, end, match) in enumerate(ends):
        until = ends[place + 1][0] if place + 1 < len(ends) else len(text)
        found.append(("lead" if match["lead"] else "cooperating", text[end:until]))
    return found


def countries_of(remark: str, names: BodyNames) -> list[tuple[str, str]]:
    """Which member states lead in which body, as a remark says: “(Lead country: ACWC Thailand)”."""
    if not re.search(r"lead\s*countr", remark, re.IGNORECASE):
        return []
    bare = re.sub(r"^\W+|\W+$", "", re.sub(r".*lead\s+countr(?:y|ies)\W*", "", remark, flags=re.IGNORECASE | re.DOTALL))
    match = re.fullmatch(rf"(?P<name>[A-Z-]+)\W+(?P<countries>{_COUNTRIES.pattern})", bare, re.IGNORECASE)
    if match and names.acronym(match["name"]):
        return [(names.acronym(match["name"]), match["countries"])]
    return []

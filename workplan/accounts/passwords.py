"""Which passwords are taken."""

from typing import Any

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from workplan import rules
from workplan.models import BodyAlias, SectoralBody, WorkPlan

GUESSABLE_WORDS = ("apta", "secretariat", "administrator", "asean")
# A title is a sentence: its short words are anybody's.
SHORTEST_WORD_OF_A_TITLE = 4


class KnownWordsValidator:
    """Refuses passwords that are little more than words that everybody here knows.

    Known are the name of the product, the words of the plans, the acronyms of the bodies, and the person's own names.
    Without them a password has to be long enough still, and no common one.
    """

    def __init__(self, min_length: int = 8) -> None:
        self.min_length = min_length

    def validate(self, password: str, user: Any = None) -> None:
        """Check a password for an account.

        Raises:
            ValidationError: without the known words too little of it is left.
        """
        known = self._known_words() | self._words_of_person(user)
        left = rules.without_words(password, known)
        if left == rules.without_words(password, ()):
            return
        if len(left) < self.min_length or left.isdigit() or self._is_common(left):
            raise ValidationError(
                "This password consists mostly of words that are known here, such as the names of this site, the "
                "plan, the bodies and yourself. Add other words.",
                code="password_of_known_words",
            )

    def get_help_text(self) -> str:
        return (
            "Words that are known here, such as the names of the plan, the bodies and yourself, do not count: use at "
            "least {self.min_length} other characters."
        )

    def _known_words(self) -> set[str]:
        words = rules.words_of(*GUESSABLE_WORDS)
        for code, title, edition in WorkPlan.objects.values_list("code", "title", "edition"):
            words |= rules.words_of(code) | rules.words_of(title, edition, shortest=SHORTEST_WORD_OF_A_TITLE)
        words |= rules.words_of(*SectoralBody.objects.values_list("acronym", flat=True))
        return words | rules.words_of(*BodyAlias.objects.values_list("name", flat=True))

    def _words_of_person(self, user: Any) -> set[str]:
        names = (getattr(user, name, "") for name in ("username", "first_name", "last_name", "email"))
        return rules.words_of(*filter(None, names))

    def _is_common(self, password: str) -> bool:
        try:
            CommonPasswordValidator().validate(password)
        except ValidationError:
            return True
        return False

"""Sentences and labels for people that differ from the release: what people read uses the standard terms."""

from tests.api.recording import Intended

TERMS = "What people read uses the standard terms."

CHANGED_WORDS: tuple[Intended, ...] = (
    Intended("openapi > components > schemas > * > properties > * > title", TERMS, "was *"),
    Intended("figures > GET coverage/* > gaps > * > label", TERMS),
    Intended("figures > GET compare/?from=2018-2 > * > body > error > fields > from > 0", TERMS),
    Intended("questions > GET questions/* > asks", TERMS),
    Intended("writes > * > asks", TERMS),
    Intended("writes > * > body > error > message", TERMS, 'was "Somebody else has changed this since you read it. *'),
    *(
        Intended(f"writes > {step} > body > error > *", TERMS, "was *")
        for step in (
            *("a day before the plan is refused", "a nil return is refused where nothing is owed"),
            *("a question is not settled by a body", "a round is not reopened without a reason"),
            *("a view of a taken name is refused", "an approved report is not changed"),
            *("no body is given less time", "no word is no report"),
        )
    ),
)

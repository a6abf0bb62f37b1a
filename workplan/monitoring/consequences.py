"""What a step that cannot be taken back takes away, counted and named, for the page that asks for it."""

from collections.abc import Iterable

from workplan import rules
from workplan.models import ApiToken, Membership, SectoralBody, StatusUpdate, User


def of_approving(update: StatusUpdate) -> list[str]:
    """What ends when a submitted report is approved: answers of joint leads, and what they have begun themselves."""
    sentences = ["An approved report cannot be changed, only corrected by a further report."]
    answered = {one.body_id for one in update.concurrences.all()}
    asked = [body for body in update.activity.lead_bodies if body.pk != update.body_id] if update.body_id else []
    silent = [body for body in asked if body.pk not in answered]
    if silent:
        has = "has" if len(silent) == 1 else "have"
        sentences.append(f"{listed(silent)} {has} not responded as joint lead, and can no longer concur.")
    begun = StatusUpdate.objects.filter(
        activity=update.activity_id, round=update.round_id, state=rules.DRAFT, is_direct=False, body__in=asked
    )
    writing = [one.body for one in begun.exclude(kind=rules.CORRECTION).select_related("body") if one.body]
    if update.round_id and update.corrects_id is None and writing:
        own = "a draft of its own, which" if len(writing) == 1 else "drafts of their own, which"
        has = "has" if len(writing) == 1 else "have"
        sentences.append(f"{listed(writing)} {has} {own} can then be submitted as a correction only.")
    return sentences


def of_discarding(update: StatusUpdate) -> str:
    """What goes when a draft is discarded."""
    texts = (update.narrative, update.outputs_delivered, update.challenges, update.next_steps, update.reason)
    words = sum(len(text.split()) for text in texts)
    evidence = update.evidence.count()
    parts = ["1 word" if words == 1 else f"{words:,} words"]
    if evidence:
        parts.append("1 piece of evidence" if evidence == 1 else f"{evidence} pieces of evidence")
    return f"Deleted: {' and '.join(parts)}."


def of_closing_account(user: User) -> str:
    """What ends when an account is switched off: sessions, tokens, and the last person who reports for a body."""
    tokens = ApiToken.objects.filter(user=user).count()
    own = Membership.objects.filter(user=user)
    others = Membership.objects.filter(body__in=own.values("body"), user__is_active=True).exclude(user=user)
    alone = SectoralBody.objects.filter(pk__in=own.values("body")).exclude(pk__in=others.values("body"))
    sentences = ["Switching it off ends every session of the person"]
    if tokens:
        sentences[0] += f", and {'1 token' if tokens == 1 else f'{tokens} tokens'} of programs"
    sentences[0] += "."
    bodies = list(alone)
    if bodies:
        sentences.append(f"{listed(bodies)} {'has' if len(bodies) == 1 else 'have'} no other focal point.")
    return " ".join(sentences)


def listed(bodies: Iterable[SectoralBody]) -> str:
    """Bodies by their acronyms, as a sentence names them."""
    *first, last = [body.acronym for body in bodies]
    return f"{', '.join(first)} and {last}" if first else last

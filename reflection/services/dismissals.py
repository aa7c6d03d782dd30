"""What an account does with an insight card: put it away, bring it back, keep it in the journal."""

from django.contrib.auth.models import User
from django.utils import timezone

from memory import services as journal
from memory.models import JournalEntry
from memory.refusals import Conflict, NotFound
from reflection.models import DismissedCard
from reflection.services.cards import QUESTIONS, Card
from reflection.services.overview import Insights, known_insights


def sort_cards(*, owner: User | None, found: Insights) -> tuple[list[Card], list[Card]]:
    """The cards to show, and those that the account dismissed and that still say the same.

    One query. A card whose verdict has changed since is shown again by itself. Nobody has dismissed anything.
    """
    rows = DismissedCard.objects.filter(owner=owner, dataset_name=found.dataset or "")
    put_away = dict(rows.values_list("key", "verdict"))
    dismissed = [card for card in found.cards if put_away.get(card.key) == card.verdict]
    return [card for card in found.cards if card not in dismissed], dismissed


def dismiss_card(*, owner: User, key: str, dataset_name: str = "") -> Card:
    """Put a card away until its verdict changes. Raises NotFound for an unknown card or dataset."""
    found, card = find_card(key=key, dataset_name=dataset_name)
    DismissedCard.objects.update_or_create(
        owner=owner,
        dataset_name=found.dataset or "",
        key=key,
        defaults={"verdict": card.verdict, "at": timezone.now()},
    )
    return card


def bring_back_card(*, owner: User, key: str, dataset_name: str = "") -> Card:
    """Show a dismissed card again; one that is shown stays. Raises NotFound likewise."""
    found, card = find_card(key=key, dataset_name=dataset_name)
    DismissedCard.objects.filter(
        owner=owner, dataset_name=found.dataset or "", key=key
    ).delete()
    return card


def save_card(*, key: str, actor: str, dataset_name: str = "") -> JournalEntry:
    """Keep what a card says now as an entry of the journal.

    Raises NotFound likewise, Conflict for a card that was not measured: it says nothing yet.
    """
    found, card = find_card(key=key, dataset_name=dataset_name)
    if not card.is_measured:
        raise Conflict(f"There is nothing to keep yet. {card.answer}")
    return journal.append(
        event_type="insight_saved",
        actor=actor,
        metadata={
            "card": card.key,
            "question": card.question,
            "claim": card.answer,
            "verdict": card.verdict,
            "value": card.value,
            "interval": card.interval or None,
            "n": card.n,
            "grade": card.grade,
            "models": card.models,
            "dataset": found.dataset,
            "address": card.evidence,
        },
    )


def find_card(*, key: str, dataset_name: str = "") -> tuple[Insights, Card]:
    """A card as it is now, among the others of its dataset."""
    if key not in QUESTIONS:
        raise NotFound(f"There is no card {key[:40]}; there are {', '.join(QUESTIONS)}.")
    found = known_insights(dataset_name)
    return found, next(card for card in found.cards if card.key == key)

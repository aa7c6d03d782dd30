"""Telling people of the ends of their sessions: in the frame, in the browser, by services.

Nothing is stored when a session ends: it is unread until `read_until`, and unsent until
`sent_until`, so that no crash loses a notice and no session knows of them.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.utils import timezone

from helios_site import accounts, outbox
from helios_site.models import NoticeWish
from helios_site.roles import Role, role_of
from memory.refusals import Invalid, Refusal
from memory.sentences import MINUS, signed_bits
from training.models import TrainingSession

log = logging.getLogger("helios.notices")
State = TrainingSession.State
SWITCHES: Final = ("done", "failed", "in_app", "browser")
MOST_SERVICES = 10
SHOWN = 50
MOST_SENT = 5  # in one message; of more only the number is told


@dataclass(frozen=True, slots=True)
class Unread:
    """What the frame says: how many sessions ended, and the newest of them."""

    count: int
    newest: TrainingSession


def wish_of(user: Any) -> NoticeWish:
    """What the account wants to be told; nothing where it never said."""
    return NoticeWish.objects.filter(pk=user.pk).first() or NoticeWish(user_id=user.pk)


def save_wish(*, user: User, changes: Mapping[str, Any]) -> NoticeWish:
    """Change some switches, or the services. Invalid names what is wrong; then nothing changes."""
    problems: dict[str, str] = {}
    read: dict[str, Any] = {}
    for name, value in changes.items():
        if name == "services":
            continue
        if name not in SWITCHES:
            problems[name] = "There is no such switch."
        elif not isinstance(value, bool):
            problems[name] = "Must be true or false."
        else:
            read[name] = value
    if "services" in changes:
        try:
            read["services"] = "\n".join(_services(user, changes["services"]))
        except Refusal as refusal:
            problems["services"] = refusal.fields.get("services", refusal.message)
    if problems:
        raise Invalid(fields=problems)
    if read.get("services") or read.get("in_app") or read.get("browser"):
        read |= _from_now_on(wish_of(user), read)
    wish, _ = NoticeWish.objects.update_or_create(user=user, defaults={**read, "problem": ""})
    return wish


def _from_now_on(before: NoticeWish, wanted: Mapping[str, Any]) -> dict[str, datetime]:
    """What is switched on tells of what comes, not of everything that ever was."""
    now, found = timezone.now(), {}
    if not (before.in_app or before.browser) and (
        wanted.get("in_app") or wanted.get("browser")
    ):
        found["read_until"] = now
    if not before.services and wanted.get("services"):
        found["sent_until"] = now
    return found


def _services(user: User, value: Any) -> list[str]:
    """Addresses of a text or a list; the person at the keys of the house alone may have some."""
    words = value.split() if isinstance(value, str) else value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise Invalid(fields={"services": "Must be addresses, one a line."})
    if words and role_of(user) != Role.ADMIN:
        raise Invalid(
            fields={"services": "Only an administrator can have messages sent to other hosts."}
        )
    if len(words) > MOST_SERVICES:
        raise Invalid(fields={"services": f"At most {MOST_SERVICES} addresses."})
    if words:
        outbox.check(words)
    return words


def ended(wish: NoticeWish, since: datetime | None = None) -> QuerySet[TrainingSession]:
    """The account's sessions that ended and that it wants to know of, the newest first."""
    states = [State.COMPLETED, State.STOPPED] if wish.done else []
    states += [State.FAILED] if wish.failed else []
    found = TrainingSession.objects.filter(
        actor=wish.user.get_username(), state__in=states, finished_at__isnull=False
    )
    found = found if since is None else found.filter(finished_at__gt=since)
    return found.select_related("model").order_by("-finished_at")


def unread(wish: NoticeWish) -> Unread | None:
    """What the frame has to say; None for nothing, without a query where it is switched off."""
    if not (wish.in_app or wish.browser):
        return None
    found = ended(wish, wish.read_until)
    newest = found.first()
    return None if newest is None else Unread(found.count(), newest)


def mark_read(*, user: User) -> None:
    """Everything up to now is read."""
    NoticeWish.objects.filter(user=user).update(read_until=timezone.now())


def words_of(session: TrainingSession) -> str:
    """One session's end in a line."""
    name = f"{session.model.name}, session {session.pk}"
    if session.state == State.FAILED:
        return f"{name} failed: {session.error or session.error_code}"[:300]
    count = session.current_epoch
    best = (
        ""
        if session.best_gain is None
        else f"; best {signed_bits(session.best_gain)} over chance".replace("-", MINUS)
    )
    return f"{name} {session.state} after {count:,} epoch{'' if count == 1 else 's'}{best}"


# --- services: sent by a worker ------------------------------------------------------


def anything_to_send() -> bool:
    """Does an account wait for a message to its services?"""
    return any(ended(wish, wish.sent_until).exists() for wish in _with_services())


def send_due() -> None:
    """Send what is due. Claimed first: a message may be lost, but never comes twice."""
    for wish in _with_services():
        newest = list(ended(wish, wish.sent_until)[: MOST_SENT + 1])
        if not newest:
            continue
        claimed = NoticeWish.objects.filter(pk=wish.pk, sent_until=wish.sent_until)
        if claimed.update(sent_until=newest[0].finished_at):
            _send(wish, newest)


def _send(wish: NoticeWish, newest: list[TrainingSession]) -> None:
    lines = [words_of(session) for session in newest[:MOST_SENT]]
    if len(newest) > MOST_SENT:
        lines.append("and more.")
    problem = ""
    try:
        body = "\n".join([*lines, f"{accounts.address()}/notifications/"])
        outbox.send(wish.addresses, title="Helios", body=body)
    except Refusal as refusal:
        problem = refusal.message
        log.warning("notices of account %s: %s", wish.user_id, problem)
    NoticeWish.objects.filter(pk=wish.pk).update(problem=problem[:300])


def send_test(*, user: User) -> int:
    """Send a test to the account's services and return how many; raises a Refusal."""
    wish = wish_of(user)
    if not wish.addresses:
        raise Invalid(fields={"services": "There are no services to send a test to."})
    outbox.send(wish.addresses, title="Helios", body="This is a test: notifications arrive.")
    NoticeWish.objects.filter(user=user).update(problem="")
    return len(wish.addresses)


def _with_services() -> QuerySet[NoticeWish]:
    return (
        NoticeWish.objects.exclude(services="")
        .filter(user__is_active=True)
        .select_related("user")
    )

"""The hash chain of the journal: canonical text, leaves, heads and their verification.

Pure: no Django, no database. What it proves is exactly this: an edit, an insertion, a
removal or a reordering of entries is found; a truncated or wholly rebuilt chain is found
with respect to a checkpoint kept elsewhere. It does not prevent anything, and it says
nothing about a false entry that the application itself wrote.

    leaf = SHA-256(0x00 || payload text, UTF-8)
    head = SHA-256(0x01 || seq, 8 bytes big-endian || previous head || leaf)

The 0x00 and 0x01 keep a leaf from being passed off as a head (RFC 6962, section 2.1).
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import sha256
from itertools import islice
from typing import Any, NamedTuple

VERSION = 1
GENESIS = bytes(32)  # the head before the first entry


class Head(NamedTuple):
    """Where a chain ends: the number of its last entry and the hash over all of them."""

    seq: int
    digest: bytes


ORIGIN = Head(0, GENESIS)


class Link(NamedTuple):
    """One stored entry, as the verification reads it: columns, hashed text and hashes.

    The text is None, and the columns are empty, where only the hashes are kept. A hash is None
    where it is not stored: an archive keeps the texts alone, and whoever reads makes them again.
    """

    seq: int
    at: str  # as `timestamp` writes it: a million datetimes would take longer than the hashing
    event_type: str
    level: str
    actor: str
    model_name: str
    session_id: int | None
    reason: str
    payload: str | None
    leaf: bytes | None
    head: bytes | None


# Links that are held at once. Of more, many would live long enough for Python's garbage collector
# to go through all objects of the process again and again: a fifth of a verification's time.
_PAGE = 300

# Link._make without the Python of it: a million times.
as_link = partial(tuple.__new__, Link)


def pages(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[Link]]:
    """Yield rows of all columns as links, a page at a time."""
    links = map(as_link, rows)
    while page := list(islice(links, _PAGE)):
        yield page


@dataclass(frozen=True)
class Fault:
    """The first entry that does not fit, with what was expected and what was found."""

    seq: int
    problem: str
    expected: str
    found: str


@dataclass(frozen=True)
class Verdict:
    """What a verification saw: `fault` is None when every entry fits."""

    checked: int
    head: Head
    fault: Fault | None = None


def payload_text(
    *,
    seq: int,
    at: datetime,
    event_type: str,
    level: str,
    actor: str,
    model_name: str,
    session_id: int | None,
    reason: str,
    metadata: str,
) -> str:
    """Return the canonical JSON text of all fields: sorted keys, no spaces.

    `metadata` is canonical text already (`memory.canonical`). The text is stored as it is
    and hashed as it is stored, so nobody ever has to parse and write it again.
    """
    before, after = _frame(
        seq, timestamp(at), event_type, level, actor, model_name, session_id, reason
    )
    return f"{before}{metadata}{after}"


def leaf_of(payload: str) -> bytes:
    """Return the 32-byte hash of one entry's text."""
    return sha256(b"\x00" + payload.encode()).digest()


def head_of(seq: int, previous: bytes, leaf: bytes) -> bytes:
    """Return the 32-byte hash over entry `seq` and everything before it."""
    return sha256(b"\x01" + seq.to_bytes(8, "big") + previous + leaf).digest()


def verify(links: Iterable[Link], start: Head = ORIGIN) -> Verdict:
    """Walk links in order from the head `start` and stop at the first that does not fit.

    Memory is constant. The searchable columns are compared with the hashed text, too.
    """
    seq, digest = start
    for link in links:
        # As `leaf_of` and `head_of`, written out: calls would be a third of the time.
        text = link.payload
        leaf = link.leaf or b"" if text is None else sha256(b"\x00" + text.encode()).digest()
        head = sha256(b"\x01" + (seq + 1).to_bytes(8, "big") + digest + leaf).digest()
        if (
            link.seq != seq + 1
            or not (link.leaf is None or leaf == link.leaf)
            or not (link.head is None or head == link.head)
            or not fits(link)
        ):
            fault = _fault(link, seq + 1, digest)
            return Verdict(seq - start.seq, Head(seq, digest), fault)
        seq, digest = seq + 1, head
    return Verdict(seq - start.seq, Head(seq, digest))


def hashed(links: Iterable[Link], start: Head) -> Iterator[Link]:
    """Yield links with the hashes that they have after the head `start`."""
    digest = start.digest
    for link in links:
        leaf = _leaf(link)
        digest = head_of(link.seq, digest, leaf)
        yield link._replace(leaf=leaf, head=digest)


def fits(link: Link) -> bool:
    """Return whether the searchable columns say what the hashed text says."""
    if link.payload is None:
        return True
    before, after = _frame(*link[:8])
    return link.payload.startswith(before) and link.payload.endswith(after)


def _leaf(link: Link) -> bytes:
    return link.leaf or b"" if link.payload is None else leaf_of(link.payload)


def _fault(link: Link, seq: int, previous: bytes) -> Fault:
    """Return what is wrong with link, which ought to be entry `seq` after `previous`."""
    if link.seq != seq:
        return Fault(seq, "entry missing", f"entry {seq}", f"entry {link.seq}")
    leaf = _leaf(link)
    if link.leaf is not None and leaf != link.leaf:
        return Fault(seq, "text changed", bytes(link.leaf).hex(), leaf.hex())
    head = head_of(seq, previous, leaf)
    if link.head is not None and head != link.head:
        return Fault(seq, "chain broken", head.hex(), bytes(link.head).hex())
    before, after = _frame(*link[:8])
    return Fault(
        seq, "columns differ from text", (link.payload or "")[:200], f"{before}...{after}"
    )


def _frame(
    seq: int,
    at: str,
    event_type: str,
    level: str,
    actor: str,
    model_name: str,
    session_id: int | None,
    reason: str,
) -> tuple[str, str]:
    """Return the canonical text before and after the metadata (keys sorted)."""
    session = "null" if session_id is None else session_id
    before = (
        f'{{"actor":{_quote(actor)},"at":"{at}","event_type":{_quote(event_type)},'
        f'"level":{_quote(level)},"metadata":'
    )
    after = (
        f',"model_name":{_quote(model_name)},"reason":{_quote(reason)},"seq":{seq},'
        f'"session_id":{session},"version":{VERSION}}}'
    )
    return before, after


def timestamp(at: datetime) -> str:
    """Return at as UTC with microseconds: 2026-11-22T16:00:00.000000Z."""
    if at.tzinfo is not UTC:
        at = at.astimezone(UTC)
    return f"{at.isoformat(timespec='microseconds')[:-6]}Z"  # without +00:00


def moment(text: str) -> datetime:
    """Return the time that `timestamp` wrote."""
    return datetime.fromisoformat(text)


_quote = json.encoder.encode_basestring  # the C routine behind ensure_ascii=False

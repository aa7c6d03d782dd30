"""The chain by itself: fixed hashes, canonical text and laws."""

import json
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory import canonical, chain
from memory.canonical import Unstorable
from memory.chain import GENESIS, ORIGIN, Head, Link

AT = datetime(2026, 11, 22, 16, 0, 0, 5, tzinfo=UTC)
ABOUT = {
    "at": AT,
    "event_type": "note_added",
    "level": "info",
    "actor": "alice",
    "model_name": "sun",
    "session_id": 7,
    "reason": "",
}


GOLDEN = (
    "a1ea88336a470a666bda9b2fbf2eaa9103aa2bf518f1d6341b7c47137eca752f",
    "3e625e74c5d4258eb2e8c2828274d67ea61ed0a538e0fb78e7c2a1b58ba555ee",
    "a50dd5e3c7dde7a014d28934fc2c0b9af42c9b40b7cbdcfdfc3a7761ee14779b",
)


def link(seq: int, previous: bytes, metadata: dict, **about: object) -> Link:
    fields = ABOUT | about
    payload = chain.payload_text(seq=seq, metadata=canonical.metadata_text(metadata), **fields)
    leaf = chain.leaf_of(payload)
    columns = list((fields | {"at": chain.timestamp(fields["at"])}).values())
    return Link(seq, *columns, payload, leaf, chain.head_of(seq, previous, leaf))


def links(count: int) -> list[Link]:
    made: list[Link] = []
    for seq in range(1, count + 1):
        made.append(link(seq, made[-1].head if made else GENESIS, {"text": str(seq)}))
    return made


def test_the_text_of_an_entry_is_fixed() -> None:
    first = link(1, GENESIS, {"text": 'grün\n"', "n": [1, 2.5, True, None], "big": 2**53 + 1})
    assert first.payload == (
        '{"actor":"alice","at":"2026-11-22T16:00:00.000005Z","event_type":"note_added",'
        '"level":"info","metadata":{"big":"9007199254740993","n":[1,2.5,true,null],'
        '"text":"grün\\n\\""},"model_name":"sun","reason":"","seq":1,"session_id":7,"version":1}'
    )


def test_the_hashes_of_an_entry_are_fixed() -> None:
    """Computed with coreutils' sha256sum; a change here breaks every journal there is."""
    first, second = links(2)
    assert first.leaf.hex() == GOLDEN[0]
    assert first.head.hex() == GOLDEN[1]
    assert second.head.hex() == GOLDEN[2]


def test_the_hashes_are_those_of_the_specification() -> None:
    first, second = links(2)
    leaf = sha256(b"\x00" + second.payload.encode()).digest()
    assert second.leaf == leaf
    assert second.head == sha256(b"\x01" + bytes(7) + b"\x02" + first.head + leaf).digest()


def test_the_time_is_written_in_utc() -> None:
    there = AT.astimezone(timezone(timedelta(hours=-5)))
    assert chain.timestamp(there) == chain.timestamp(AT) == "2026-11-22T16:00:00.000005Z"
    assert chain.moment(chain.timestamp(there)) == AT


def test_texts_alone_are_walked_to_the_same_head() -> None:
    made = links(5)
    texts = [one._replace(leaf=None, head=None) for one in made]
    assert chain.verify(texts) == chain.verify(made)
    assert list(chain.hashed(texts, ORIGIN)) == made
    changed = texts[1]._replace(payload=texts[1].payload.replace('"2"', '"3"'))
    last = texts[4]._replace(head=made[4].head)
    assert chain.verify([texts[0], changed, *texts[2:4], last]).fault.seq == 5


def test_a_good_chain_is_walked_to_its_head() -> None:
    made = links(5)
    verdict = chain.verify(made)
    assert (verdict.checked, verdict.fault) == (5, None)
    assert verdict.head == Head(5, made[-1].head)
    assert chain.verify(made[2:], Head(2, made[1].head)).head == verdict.head
    assert chain.verify([]).head == ORIGIN


def _change(made: list[Link], at: int, what: str) -> tuple[list[Link], int]:
    """Tamper with entry number at + 1; return the links and the first bad number."""
    one = made[at]
    if what == "drop":
        return made[:at] + made[at + 1 :], at + 1
    if what == "double":
        return made[: at + 1] + made[at:], at + 2
    if what == "swap":
        return made[:at] + [made[at + 1], one] + made[at + 2 :], at + 1
    changed = {
        "payload": one._replace(payload=one.payload.replace("text", "tixt")),
        "leaf": one._replace(leaf=bytes(32)),
        "head": one._replace(head=bytes(32)),
        "actor": one._replace(actor="eve"),
        "at": one._replace(at="2026-11-22T16:00:00.000006Z"),
        "session": one._replace(session_id=None),
        "forged": link(one.seq, GENESIS, {"text": "forged"}),
    }[what]
    return made[:at] + [changed] + made[at + 1 :], at + 1


@settings(deadline=None)
@given(
    st.integers(3, 12).flatmap(lambda n: st.tuples(st.just(n), st.integers(1, n - 2))),
    st.sampled_from(
        [
            "drop",
            "double",
            "swap",
            "payload",
            "leaf",
            "head",
            "actor",
            "at",
            "session",
            "forged",
        ]
    ),
)
def test_any_change_is_found_at_its_first_entry(place: tuple[int, int], what: str) -> None:
    count, at = place
    tampered, bad = _change(links(count), at, what)
    fault = chain.verify(tampered).fault
    assert fault is not None
    assert fault.seq == bad


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.text(st.characters(codec="utf-8", exclude_characters="\x00")), inner,
                      max_size=4),
    max_leaves=12,
)  # fmt: skip


@settings(deadline=None)
@given(st.dictionaries(st.text("abc"), json_values, max_size=4))
def test_what_is_stored_reads_back_and_is_canonical(metadata: dict) -> None:
    text = canonical.metadata_text(metadata)
    assert json.loads(text) == canonical.plain(metadata)
    assert canonical.metadata_text(json.loads(text)) == text
    entry = link(1, GENESIS, metadata)
    whole = json.loads(entry.payload)
    assert json.dumps(
        whole, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ) == entry.payload  # fmt: skip
    assert chain.verify([entry]).fault is None


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")))
def test_any_text_in_any_column_keeps_the_text_canonical(text: str) -> None:
    entry = link(1, GENESIS, {}, actor=text, model_name=text, reason=text)
    assert json.loads(entry.payload)["reason"] == text
    assert chain.verify([entry]).fault is None


def deep(levels: int) -> dict:
    value: dict = {}
    for _ in range(levels):
        value = {"x": value}
    return value


UNSTORABLE = {
    "nan": {"x": float("nan")},
    "infinite": {"x": [float("inf")]},
    "surrogate": {"x": "\ud800"},
    "surrogate key": {"\ud800": 1},
    "nul": {"x": "a\x00"},
    "nul key": {"\x00": 1},
    "number key": {1: 1},
    "bytes": {"x": b"1"},
    "object": {"x": object()},
    "set": {"x": {1}},
    "deep": deep(17),
    "very deep": deep(100_000),
    "large": {"x": "ü" * 40_000},
    "long": {"x": list(range(100_000))},
    "digits": {"x": 10**5000},
}


@pytest.mark.parametrize("metadata", UNSTORABLE.values(), ids=UNSTORABLE.keys())
def test_what_json_cannot_hold_is_refused(metadata: dict) -> None:
    with pytest.raises(Unstorable):
        canonical.metadata_text(metadata)


def test_the_limits_are_as_documented() -> None:
    assert len(canonical.metadata_text({"x": "a" * (64 * 1024 - 8)})) == 64 * 1024
    with pytest.raises(Unstorable, match="64 KiB") as refused:
        canonical.metadata_text({"x": "a" * (64 * 1024 - 7)})
    assert refused.value.too_large
    assert canonical.metadata_text(deep(16)).count("x") == 16

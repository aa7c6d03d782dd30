"""Paused and resumed anywhere, a session ends with the bits of one that never was."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from training.models import TrainingSession
from training.services import sessions, slices
from training.services.finishing import epochs_digest
from training.tasks import run_slice

EPOCHS = 6


def train(start, name, cuts, **config):
    """Train with a pause after each epoch in `cuts`; the digests of rows and weights, and the hits."""
    session = start(name, epochs=EPOCHS, dropout=0.2, patience=0, **config)
    record = slices.record

    def record_then_pause(**kwargs):
        state = record(**kwargs)
        if kwargs["reports"] and kwargs["reports"][-1].number in cuts:
            return sessions.ask_pause(session=session, actor="alice").state
        return state

    slices.record = record_then_pause
    try:
        while not TrainingSession.objects.get(pk=session.pk).is_over:
            run_slice(session.pk)
            now = TrainingSession.objects.get(pk=session.pk)
            if now.state == TrainingSession.State.PAUSED:
                sessions.resume(session=now, actor="alice")
    finally:
        slices.record = record
    now = TrainingSession.objects.get(pk=session.pk)
    hits = list(now.epochs.order_by("number").values_list("hits", flat=True))
    assert len(hits) == EPOCHS
    assert None not in hits
    return epochs_digest(now), now.artifact.weights_sha256, hits


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("schedule", ["constant", "plateau"])
def test_cuts_anywhere_change_no_bit(start, monkeypatch, threads, schedule):
    monkeypatch.setattr("training.recorder.FLUSH_SECONDS", 0.0)
    whole = train(start, f"whole{threads}", (), threads=threads, schedule=schedule)
    numbers = iter(range(100))

    @given(st.sets(st.integers(1, EPOCHS - 1), min_size=1))
    @settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
    def law(cuts):
        name = f"cut{next(numbers)}"
        assert train(start, name, cuts, threads=threads, schedule=schedule) == whole

    law()


def test_another_seed_gives_other_bits(start):
    assert train(start, "one", (), seed=1) != train(start, "two", (), seed=2)

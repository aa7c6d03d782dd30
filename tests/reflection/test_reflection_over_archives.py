"""CQ-01: what was learned is told alike before and after its epochs and entries were archived."""

import re
from datetime import timedelta

import numpy as np
from django.core.cache import cache
from django.core.management import call_command
from django.utils import timezone

from memory.models import JournalEntry, JournalSegment
from tests.reflection.conftest import gains_of
from training.models import Epoch, TrainingSession

EPOCHS = 300
ASKED = ("/api/reflection", "/api/reflection/owl", "/api/reflection/sessions?dataset=drum")


def test_figures_of_reflection_are_the_same_before_and_after_a_compaction(api, train, score):
    noise = np.random.default_rng(5).normal(size=(2, EPOCHS))
    for seed, name in enumerate(("owl", "lark")):
        val = tuple(-0.3 / np.arange(1, EPOCHS + 1) + 0.01 * noise[seed])
        score(train(name, val=val, train=val), gains_of(seed))
    TrainingSession.objects.update(finished_at=timezone.now() - timedelta(days=100))

    def told() -> list[str]:
        """Every figure, but not when it was computed, nor from where."""
        cache.clear()
        texts = [api.get(address).content.decode() for address in ASKED]
        return [re.sub(r'"(computedAt|sourceWords)":"[^"]*"', "", text) for text in texts]

    before, entries = told(), JournalEntry.objects.count()
    call_command("compact_memory", "--older-than", "0d", "--at-least", "1")
    assert Epoch.objects.count() < EPOCHS
    assert JournalSegment.objects.get().last == entries
    assert told() == before
    assert '"bestEpoch":' in before[1]

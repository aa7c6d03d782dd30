"""What is saved is what is opened, or nothing is opened."""

import json

import numpy as np
import pytest
from django.conf import settings
from django.db import transaction

from memory.models import JournalEntry
from memory.refusals import Conflict, Full
from registry import storage
from registry.models import ModelArtifact
from registry.services import open_version, purge, reserve_model, save_version
from tests.registry.conftest import a_record, random_weights


def path_of(artifact: ModelArtifact, name: str = storage.WEIGHTS):
    return settings.HELIOS_HOME / "models" / artifact.folder / name


def test_a_saved_version_opens_with_the_same_weights(make_version):
    opened = open_version(make_version())
    for name, array in random_weights().items():
        assert np.array_equal(opened.weights[name], array)


def test_versions_are_numbered_from_one(make_version):
    assert [make_version().version, make_version().version] == [1, 2]
    assert make_version("lark").version == 1


def test_the_sidecar_tells_the_whole_story(make_version):
    artifact = make_version()
    story = json.loads(path_of(artifact, storage.SIDECAR).read_text())
    assert story["dataset"]["fingerprint"] == "ab" * 32
    assert story["seed"] == 7
    assert story["history"][0]["number"] == 1
    assert story["environment"] == {"numpy": np.__version__}


def test_the_sidecar_is_a_witness_of_the_journal(make_version):
    make_version()
    before = JournalEntry.objects.first()
    story = json.loads(path_of(make_version(), storage.SIDECAR).read_text())
    assert story["journal"] == {"seq": before.seq, "head": bytes(before.head).hex()}


def test_saving_is_an_entry_of_the_journal(make_version):
    artifact = make_version(session_id=5)
    entry = JournalEntry.objects.get(event_type="model_saved")
    assert (entry.model_name, entry.session_id, entry.actor) == ("owl", 5, "alice")
    assert entry.metadata["sha256"] == artifact.weights_sha256


def test_a_version_that_was_rolled_back_leaves_room_for_the_next(make_version):
    with transaction.atomic():
        make_version()
        transaction.set_rollback(True)
    assert open_version(make_version()).artifact.version == 1


def test_a_folder_that_vanished_is_not_made_anew_to_hide_that(make_version, home):
    make_version()
    (home / "models").rename(home / "aside")
    with pytest.raises(Full, match="Put it back"):
        make_version()
    purge(all_now=True)
    assert not (home / "models").exists()
    (home / "aside").rename(home / "models")
    assert make_version().version == 2


def test_weights_that_are_not_finite_are_not_saved(db):
    model = reserve_model(name="owl", actor="alice")
    weights = random_weights()
    weights["head.bias"][0, 0] = np.nan
    with pytest.raises(storage.BadFile, match="not finite"):
        save_version(model=model, weights=weights, record=a_record(), actor="alice")
    assert not ModelArtifact.objects.exists()


@pytest.mark.parametrize("keep", [0, 1, 0.5, -1])
def test_a_truncated_file_is_not_opened(make_version, keep):
    artifact = make_version()
    raw = path_of(artifact).read_bytes()
    path_of(artifact).write_bytes(raw[: int(len(raw) * keep) if keep == 0.5 else keep])
    with pytest.raises(Conflict) as refusal:
        open_version(artifact)
    assert refusal.value.code == "weights_corrupt"


def test_a_single_flipped_bit_marks_the_version_as_damaged(make_version):
    artifact = make_version()
    raw = bytearray(path_of(artifact).read_bytes())
    raw[len(raw) // 2] ^= 1
    path_of(artifact).write_bytes(raw)
    for _ in range(2):
        with pytest.raises(Conflict, match="SHA-256"):
            open_version(artifact)
    artifact.refresh_from_db()
    assert artifact.status == "damaged"
    assert JournalEntry.objects.filter(event_type="model_damaged").count() == 1

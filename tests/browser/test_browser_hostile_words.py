"""MF-20: what strangers write into files and forms is text on every page, and asks for nothing."""

import numpy as np
import pytest

from memory.models import JournalEntry
from registry import services
from registry.networks.spec import NetSpec, layout

EVIL = "</script><svg onload=alert(1)><a hx-get=/api/models hx-trigger=load>x</a>{{ 7*7 }}"
NETWORK = NetSpec(encoder="mlp", white=69, bonus=26, window=3, hidden=8)
PAGES = ["/models/", "/models/?view=plot", "/models/?tag=a&q=owl", "/models/import/", "/journal/",
         "/reflection/", "/reflection/owl/", "/compare/?m=owl", "/search/?q=owl", "/"]  # fmt: skip
TABS = ["overview", "versions", "evaluation", "settings", "files", "lineage", "journal", "card"]


@pytest.fixture
def hostile(transactional_db) -> int:
    """A model with evil in every word that a file or a form can bring; its row's number."""
    model = services.reserve_model(name="owl", actor="alice")
    weights = {k: np.zeros((1, *s), np.float32) for k, s in layout(NETWORK)}
    record = services.VersionRecord(
        config={"seed": EVIL, EVIL: EVIL},
        network=NETWORK.as_dict(),
        dataset_name=EVIL[:80],
        dataset_fingerprint=EVIL[:64],
        metrics={"test_gain": 0.01, "best_epoch": 1, "epochs": 1},
        evaluation={
            "test": {"dates": [EVIL] * 3, "gains": [0.1, -0.1, 0.0], "hits": [0, 1, 0]}
        },
        history=[{"number": 1, "train_bits": 28.2, "val_bits": 28.3, "gain": -0.1}],
        environment={EVIL: EVIL},
        origin={"__metadata__": {EVIL: EVIL}},
    )
    version = services.save_version(model=model, weights=weights, record=record, actor=EVIL)
    services.describe(model=model, description=EVIL, actor=EVIL)
    services.annotate(version=version, notes=f"{EVIL}\n\n[x](javascript:alert(1))", actor=EVIL)
    services.set_tags(model=model, tags=[EVIL[:40]], actor=EVIL)
    services.set_alias(version=version, alias="champion", actor=EVIL, reason=EVIL)
    services.archive_model(model=model, actor=EVIL, reason=EVIL)
    services.unarchive_model(model=model, actor=EVIL, reason=EVIL)
    assert JournalEntry.objects.count() >= 5
    return int(model.pk)


def test_no_page_does_what_a_file_says(hostile, visit):
    visitor = visit()
    asked, dialogs = [], []
    visitor.page.on("dialog", lambda dialog: dialogs.append(dialog.message) or dialog.dismiss())
    visitor.page.on("request", lambda request: asked.append(request.url))
    admin = ["registeredmodel/", f"registeredmodel/{hostile}/change/", "modelartifact/"]
    pages = [
        *PAGES,
        *(f"/models/owl/?tab={tab}" for tab in TABS),
        *(f"/admin/registry/{page}" for page in admin),
        "/admin/memory/journalentry/",
    ]
    for page in pages:
        visitor.goto(page)
        assert visitor.page.locator("[onload]").count() == 0, page
    assert dialogs == []
    assert [url for url in asked if "/api/" in url] == []
    assert [line for line in visitor.complaints if "404" not in line] == []

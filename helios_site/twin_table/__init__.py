"""Which command and which address of the API do what a form does, by the form's own address.

`WITHOUT` names the forms that have none, each with its reason; a test holds that no other is
without.
"""

from helios_site.twin_table.account import ACCOUNT
from helios_site.twin_table.memory import MEMORY
from helios_site.twin_table.reflection import REFLECTION
from helios_site.twin_table.registry import REGISTRY
from helios_site.twin_table.training import TRAINING
from helios_site.twins import Twin

TWINS: dict[str, Twin] = {**TRAINING, **MEMORY, **REGISTRY, **REFLECTION, **ACCOUNT}

WITHOUT: dict[str, str] = {
    "login": "a program comes with a token",
    "logout": "a program comes with a token",
    "theme": "settings_display says it for programs",
    "settings_columns": "which columns one reader sees; PATCH /api/settings says it as well",
    "settings_undo": "puts back what this browser changed a moment ago",
    "reflection:undo_comparison": "keeps again what this browser deleted a moment ago",
    "registry:activate": "which model this browser's pages begin with; registry:load loads it",
    "registry:selected": "each of its acts has twins of its own",
    "training:selected": "each of its acts has twins, which take several sessions",
    "reflection:register": "reflection:register-one, with the model of the page",
    "training:train": "has its own beside its summary (training/twins.py)",
    "training:preset_save": "stands there as well",
    "training:draws_apply": "the second step of training:draws_upload and of its kin",
}

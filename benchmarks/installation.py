"""A throw-away installation for the benchmarks that need Django: set up before anything else.

`installation()` must be called before a module of the apps is imported.
"""

import os
import tempfile
from pathlib import Path

import django
from django.core.management import call_command

from helios_site.home import prepare_home


def installation(prefix: str = "helios-bench-") -> Path:
    """A temporary HELIOS_HOME with a migrated SQLite database; returns the folder."""
    home = Path(tempfile.mkdtemp(prefix=prefix, dir=os.environ.get("BENCH_TMP")))
    os.environ["HELIOS_HOME"] = str(home)
    prepare_home(home)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helios_site.settings")
    django.setup()
    call_command("migrate", verbosity=0, interactive=False)
    return home

#!/usr/bin/env python3
"""Django's command line, with Helios's home prepared and refusals said in one line."""

import os
import sys
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

from helios_site.home import prepare_home
from memory.refusals import Refusal


def main() -> None:
    """Run the command; a refusal or a bad setting is one line and exit status 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helios_site.settings")
    home = os.environ.get("HELIOS_HOME") or str(Path(__file__).resolve().parent / "var")
    prepare_home(Path(home).resolve())
    try:
        execute_from_command_line(sys.argv)
    except (Refusal, ImproperlyConfigured) as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()

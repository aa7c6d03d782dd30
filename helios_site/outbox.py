"""Messages to other services by Apprise, an extra: only where a person asked for it.

The package is imported when a message is sent: it is large, optional, and no page needs it.
"""

import logging
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from memory.refusals import Invalid, Refusal

REMEDY = "Install the extra: pip install -r requirements-apprise.txt"


class NotSent(Refusal):
    """A service did not take the message, or cannot be spoken to."""

    status = 502
    code = "not_sent"


class ExtraMissing(Refusal):
    """Messages to other services were asked for, and Apprise is not installed."""

    status = 501
    code = "extra_missing"


def is_installed() -> bool:
    """Is the extra there?"""
    return find_spec("apprise") is not None


def check(addresses: Sequence[str]) -> None:
    """Raise Invalid naming the first line that is no address, ExtraMissing without the extra."""
    apprise = _apprise()
    for line, address in enumerate(addresses, 1):
        if not apprise.Apprise().add(address):  # the address holds a secret: it is not repeated
            text = f"Line {line} is no address that Apprise knows."
            raise Invalid(fields={"services": text})


def send(addresses: Sequence[str], *, title: str, body: str) -> None:
    """Send a message to each address; NotSent names by its line what did not take it."""
    apprise = _apprise()
    failed = []
    for line, address in enumerate(addresses, 1):
        service = apprise.Apprise()
        if not service.add(address) or not service.notify(title=title, body=body):
            failed.append(str(line))
    if failed:
        lines = "line" if len(failed) == 1 else "lines"
        raise NotSent(f"The service of {lines} {', '.join(failed)} did not take the message.")


def _apprise() -> Any:
    if not is_installed():
        raise ExtraMissing(REMEDY)
    # it writes addresses, secrets included, to the log; what failed is said here
    logging.getLogger("apprise").setLevel(logging.CRITICAL)
    return import_module("apprise")

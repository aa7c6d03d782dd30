"""The owner of the installation under test, signed in. Import it after the installation."""

import os

from helios_site import accounts
from tests.browser import chromium
from tests.browser.chromium import Visitor


def cookies(address: str) -> list[dict]:
    """What a browser keeps of the owner, who followed a sign-in link to the server there."""
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop is in this thread
    link = accounts.sign_in_link(accounts.local_owner())
    with chromium.chromium() as browser:
        member = Visitor(browser, address)
        member.sign_in(link)
        kept = member.context.cookies()
        member.close()
    return [{key: one[key] for key in ("name", "value", "domain", "path")} for one in kept]

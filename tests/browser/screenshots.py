"""`make screenshots`: the pictures of docs/screenshots/, from a scripted run of the real program.

Fills a temporary home by `manage.py demo` (with the draws of DRAWS, or HELIOS_DRAW_DATA, or the
practice drum), starts it, trains one long session through the page, and photographs every page
in light and dark, and the main ones on a phone.
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.chromium import Visitor, chromium
from tests.ports import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / "docs" / "screenshots"
LOOKS = {
    "": {"color_scheme": "light", "viewport": {"width": 1366, "height": 900}},
    "-dark": {"color_scheme": "dark", "viewport": {"width": 1366, "height": 900}},
    "-phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
# The session that is live in the pictures, as the address of a filled-in form.
LIVE = "model_name=long-run&epochs=4000&learning_rate=2e-05&weight_decay=0.3"
ON_A_PHONE = ("overview", "train", "session", "model", "journal", "reflection")
PAGES = {
    "overview": "/",
    "train": "/train/",
    "session": "/sessions/{live}/",
    "models": "/models/",
    "model": "/models/night-owl/",
    "journal": "/journal/",
    "reflection": "/reflection/",
    "reflection-model": "/reflection/night-owl/",
    "compare": "/compare/?m=night-owl&m=skeptic&m=triplets",
    "draws": "/draws/",
    "dataset": "/draws/{dataset}/",
    "memory": "/memory/",
    "search": "/search/?q=night",
    "settings": "/settings/",
    "help": "/help/",
    "status": "/status/",
    "api": "/api/docs/",
}


def main() -> None:
    """Take all pictures; they are comparable because the script is the same."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with helios() as link, chromium() as browser:
        address = link[: link.index("/-/")]
        visitor = Visitor(browser, address)
        page = visitor.sign_in(link)
        live = start(page, LIVE)
        page.locator("#live-epochs tbody tr:nth-child(9)").wait_for(timeout=90_000)
        names = {"live": live, "dataset": dataset(page)}
        state = visitor.context.storage_state()
        for suffix, look in LOOKS.items():
            guest = Visitor(browser, address, **look)
            photograph(guest, f"sign-in{suffix}", "/login/")
            guest.close()
            member = Visitor(browser, address, storage_state=state, **look)
            names_here = ON_A_PHONE if suffix == "-phone" else PAGES
            for name, path in ((name, PAGES[name]) for name in names_here):
                photograph(member, name + suffix, path.format(**names))
            member.close()


@contextmanager
def helios() -> Iterator[str]:
    """The running program; its sign-in link."""
    with tempfile.TemporaryDirectory() as home:
        place = {"HELIOS_HOME": home, "PORT": str(free_port()), "DRAWS": draws()}
        manage, environment = [sys.executable, "manage.py"], os.environ | place
        subprocess.run([*manage, "demo"], cwd=ROOT, env=environment, check=True)
        process = subprocess.Popen(
            [*manage, "serve"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            yield read_link(process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def read_link(process: subprocess.Popen[str]) -> str:
    """The sign-in link among the lines that `serve` prints."""
    for line in process.stdout or ():
        if "/-/enter" in line:
            return line.strip()
    raise SystemExit("Helios did not start.")


def draws() -> str:
    """The file of real draws, or "" for the practice drum."""
    given = os.environ.get("DRAWS", "")
    held = Path(os.environ.get("HELIOS_DRAW_DATA", ROOT.parent / "shared" / "data"))
    return given or (str(held / "powerball.csv") if (held / "powerball.csv").exists() else "")


def start(page: Page, query: str) -> str:
    """Start a session by the form; its number."""
    page.goto(f"/train/?{query}")
    page.get_by_role("button", name="Start training").click()
    page.wait_for_url(re.compile(r"/sessions/\d+/"))
    found = re.search(r"/sessions/(\d+)/", page.url)
    assert found
    return found[1]


def dataset(page: Page) -> str:
    """The name of the first dataset of the list."""
    page.goto("/draws/")
    return page.locator("table tbody th a").first.inner_text()


def photograph(visitor: Visitor, name: str, path: str) -> None:
    """One picture of what fits on the screen."""
    page = visitor.goto(path)
    page.wait_for_timeout(900)  # a figure is drawn, the socket has answered
    file = FOLDER / f"{name}.png"
    page.screenshot(path=file)
    print(f"{file.relative_to(ROOT)} {file.stat().st_size:,} bytes")  # noqa: T201
    for complaint in visitor.complaints:
        print(f"  {complaint}")  # noqa: T201
    visitor.complaints.clear()


if __name__ == "__main__":
    main()

"""Chromium under Playwright's hand: where it is, how it is started, what a page must not do."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

PATH = os.environ.get("HELIOS_CHROMIUM") or shutil.which("chromium") or ""
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
WIDTHS = {1366: 860, 768: 1024, 390: 844, 320: 640}  # CSS px, width: height


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser, closed afterwards."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=PATH, args=FLAGS)
        yield browser
        browser.close()


class Visitor:
    """A person with a browser window; remembers what a page must not do."""

    def __init__(self, browser: Browser, address: str, **options: Any) -> None:
        self.address = address
        self.context: BrowserContext = browser.new_context(base_url=address, **options)
        self.context.set_default_timeout(15_000)
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        self.page.on("request", self._on_request)

    def goto(self, path: str) -> Page:
        """Open a page and wait until its scripts have run and a figure, if any, is drawn."""
        self.page.goto(path, wait_until="load")
        if self.page.locator("figure.chart[data-begun] .chart-pad:visible").count():
            self.page.wait_for_selector(".js-plotly-plot .main-svg")
        return self.page

    def sign_in(self, link: str) -> Page:
        """Follow a sign-in link, which names the host of the settings, on this server."""
        return self.goto(link[link.index("/-/") :])

    def _on_console(self, message: Any) -> None:
        # A breach of the Content-Security-Policy is a console error as well.
        if message.type in ("error", "warning"):
            self.complaints.append(f"{self.page.url}: {message.text}")

    def _on_request(self, request: Any) -> None:
        own = (self.address, self.address.replace("http", "ws", 1), "data:", "blob:")
        if not request.url.startswith(own):
            self.complaints.append(f"request to another host: {request.url}")

    def close(self) -> None:
        self.context.close()

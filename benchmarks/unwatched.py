"""A browser that nobody watches, for first visits.

Playwright listens to a page's console and errors. For that V8 keeps the place in the source of
every error that a script throws and catches by itself, which costs plotly.js half a second as it
starts. Here a page only gets a script of ours before it, and is asked once when it is done.
"""

import itertools
import json
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

from websockets.sync.client import connect

from tests.browser.chromium import FLAGS, PATH

WINDOW = {"width": 1280, "height": 720}
SETTLED = 1.5  # seconds until a new window has done its own work, which is not the page's


class Unwatched:
    """Chromium, driven by the few words of its DevTools protocol that a visit needs."""

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="helios-browser-"))
        command = [PATH, "--headless", *FLAGS, "--remote-debugging-port=0"]
        self.process = subprocess.Popen(
            [*command, f"--user-data-dir={self.home}", "about:blank"],
            stderr=subprocess.DEVNULL,
        )
        self.socket = connect(self._address(), max_size=None)
        self.numbers = itertools.count(1)

    def __enter__(self) -> "Unwatched":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()
        self.process.terminate()
        self.process.wait(20)
        shutil.rmtree(self.home, ignore_errors=True)

    def visit(
        self, address: str, *, before: str, ask: str, seconds: float, cookies: list[dict]
    ) -> Any:
        """What the expression `ask` is in a page, some seconds after a first visit to it with an
        empty cache; the script `before` runs before those of the page."""
        context = self._say("Target.createBrowserContext")["browserContextId"]
        self._say("Storage.setCookies", browserContextId=context, cookies=cookies)
        page = self._say(
            "Target.createTarget", url="about:blank", browserContextId=context, **WINDOW
        )
        tab = self._say("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        at = tab["sessionId"]
        self._say("Page.enable", at)
        self._say("Page.addScriptToEvaluateOnNewDocument", at, source=before)
        time.sleep(SETTLED)
        self._say("Page.navigate", at, url=address)
        time.sleep(seconds)
        found = self._say("Runtime.evaluate", at, returnByValue=True, expression=ask)
        self._say("Target.disposeBrowserContext", browserContextId=context)
        return found["result"]["value"]

    def _address(self) -> str:
        """Where the browser listens; it writes that down once it does."""
        told = self.home / "DevToolsActivePort"
        for _ in range(200):
            if told.exists() and len(told.read_text().split()) == 2:
                port, path = told.read_text().split()
                return f"ws://127.0.0.1:{port}{path}"
            time.sleep(0.1)
        raise TimeoutError("chromium did not start")

    def _say(self, method: str, session: str = "", **about: Any) -> Any:
        number = next(self.numbers)
        message = {"id": number, "method": method, "params": about}
        self.socket.send(json.dumps(message | ({"sessionId": session} if session else {})))
        while True:
            answer = json.loads(self.socket.recv(60))
            if answer.get("id") == number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

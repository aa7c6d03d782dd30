"""The pages there are, by the URL resolver: a new page or tab is among them without anybody's doing."""

import re
from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from helios_site.views.settings import TABS as SETTINGS_TABS
from registry.tabs import TABS as MODEL_TABS
from tests.browser.installation import Installation
from training.session_tabs import TABS as SESSION_TABS

OTHER_PROGRAMS = ("admin/", "api/")  # of Django and Swagger, with one page each of ours
TABS = {
    "/sessions/{session_id}/": SESSION_TABS,
    "/models/{name}/": MODEL_TABS,
    "/settings/": SETTINGS_TABS,
}
# What an address asks for beyond its path.
ASKED = (
    "/train/?preset=thorough&window=999",
    "/train/?state=failed",
    "/train/?q=first&source=drum&sort=-best_val&cols=gain,parameters,rate,seed,version,by,finished",
    "/train/?preset=small",
    "/models/?view=plot",
    "/models/?q=light&sort=-gain",
    "/models/?q=nothing-like-it",
    "/models/first-light/?tab=versions&version=1",
    "/compare/?m=first-light&m=second-light",
    "/compare/?m=first-light&m=nobody",
    "/journal/?model=first-light",
    "/journal/?q=nothing-like-it",
    "/search/?q=first",
    "/reflection/?dataset=drum",
    "/memory/?dry_run=1",
    "/sessions/{session_id}/?x=time&delta=0&smooth=0.6",
)


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address of our own pages with its parameters as they are written: `a/<int:b>/`."""
    for entry in (resolver or get_resolver()).url_patterns:
        route = before + str(entry.pattern)
        if route.startswith(OTHER_PROGRAMS):
            continue
        if isinstance(entry, URLPattern):
            yield route
        else:
            yield from routes(entry, route)


def address(route: str, examples: dict[str, str]) -> str:
    """A route with an example in each parameter; KeyError tells which has none yet."""

    def example(found: re.Match[str]) -> str:
        name = found[1]
        of_a_part = (key for key in examples if key.endswith(f" {name}"))
        part = next((key for key in of_a_part if route.startswith(key.split()[0])), name)
        if part not in examples:
            raise KeyError(f"/{route}: give tests/browser/installation.py a {name} for it")
        return examples[part]

    return "/" + re.sub(r"<(?:\w+:)?(\w+)>", example, route)


def pages(filled: Installation) -> list[str]:
    """Addresses that answer with a whole page, and each tab of those that have tabs."""
    client, found = filled.client(), []
    for route in routes():
        path = address(route, filled.examples)
        answer = client.get(path)
        assert answer.status_code not in (404, 500), f"{path}: {answer.status_code}"
        html = answer.get("Content-Type", "").startswith("text/html")
        if answer.status_code in (200, 503) and html and b"<main" in b"".join(answer):
            found.append(path)
        answer.close()
    known = filled.examples
    tabs = (
        f"{path.format(**known)}?tab={tab}" for path, names in TABS.items() for tab in names
    )
    return [*found, *tabs, *(path.format(**known) for path in ASKED)]

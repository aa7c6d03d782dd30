"""Waiting for what a live page shows."""

import time

from playwright.sync_api import Page, expect


def drawn(page: Page) -> list[int]:
    """The epochs of the curve that is on the page."""
    return page.evaluate(
        "(document.querySelector('.js-plotly-plot')?.data?.[0].x ?? []).filter(x => x !== null)"
    )


def wait_until(page: Page, condition: str) -> None:
    """`page.wait_for_function` without the `eval` that the page's policy forbids."""
    deadline = time.monotonic() + 15
    while not page.evaluate(condition):
        assert time.monotonic() < deadline, condition
        page.wait_for_timeout(50)


def wait_for(page: Page, epoch: int) -> None:
    wait_until(page, f"Number(document.getElementById('feed').dataset.seq) >= {epoch}")


def wait_for_page(page: Page, heading: str) -> None:
    """A page that a key or a link led to is here, with its scripts: only then are keys heard."""
    expect(page.get_by_role("heading", level=1)).to_contain_text(heading)
    page.wait_for_load_state("load")

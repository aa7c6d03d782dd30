"""New York State's open data: the published history, fetched only when a person asks."""

from __future__ import annotations

import hashlib
import http.client
import time
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings

from memory import services as journal
from memory.refusals import Refusal
from training.draws.formats import read
from training.draws.tables import MAX_BYTES
from training.services.draws.histories import find_game, today
from training.services.draws.imports import DrawFile

RESOURCES = {"powerball": "d6yy-54nr", "megamillions": "5xaw-6ayf"}
TIMEOUT = 20  # seconds for a connection or one read
DEADLINE = 60  # seconds for everything
ROWS = 50_000  # Socrata gives 1,000 unless it is asked for more


class SourceUnavailable(Refusal):
    """Another host did not give what was asked for; nothing was changed."""

    status = 502
    code = "source_unavailable"


class _SameHost(HTTPRedirectHandler):
    """Follows a redirect only to the host that the person was told about."""

    def redirect_request(
        self,
        req: Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> Request | None:
        if urlsplit(newurl).netloc != urlsplit(req.full_url).netloc:
            raise URLError("it redirects to another host")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def official_host() -> str:
    """The host that a download asks, as pages tell it beforehand."""
    return urlsplit(settings.HELIOS_DRAWS_URL).netloc


def fetch_official(*, game: str, actor: str, dataset: str = "") -> DrawFile:
    """Download the published history of a game and journal it; importing is another step.

    Raises SourceUnavailable when the host does not answer with a file in time.
    """
    resource = RESOURCES[find_game(game).key]
    url = f"{settings.HELIOS_DRAWS_URL.rstrip('/')}/{resource}.csv?$limit={ROWS}"
    data = _get(url)
    reading = read(data, today=today(), game=find_game(game))
    journal.append(
        event_type="draws_fetched",
        actor=actor,
        metadata={
            "source": url,
            "draws": len(reading.rows),
            "sha256": hashlib.sha256(data).hexdigest(),
        },
    )
    file_name = f"{official_host()} {resource}.csv"
    return DrawFile(data=data, file_name=file_name, game=game, dataset=dataset)


def _get(url: str) -> bytes:
    host = urlsplit(url).netloc
    if urlsplit(url).scheme not in ("http", "https"):
        raise SourceUnavailable("HELIOS_DRAWS_URL must begin with https:// or http://.")
    request = Request(url, headers={"User-Agent": "helios", "Accept": "text/csv"})  # noqa: S310
    try:
        with build_opener(_SameHost).open(request, timeout=TIMEOUT) as answer:
            return _read(answer, host)
    except HTTPError as error:
        raise SourceUnavailable(f"{host} answered {error.code}; try again later.") from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise SourceUnavailable(
            f"{host} could not be read ({reason}); check the connection, or upload a file."
        ) from error


def _read(answer: IO[bytes], host: str) -> bytes:
    """The body, within the size and the time that a history may take."""
    end = time.monotonic() + DEADLINE
    parts, size = [], 0
    while part := answer.read(65_536):
        parts.append(part)
        size += len(part)
        if size > MAX_BYTES:
            raise SourceUnavailable(
                f"{host} sends more than {MAX_BYTES:,} bytes: not a history."
            )
        if time.monotonic() > end:
            raise SourceUnavailable(f"{host} took longer than {DEADLINE} s; try again later.")
    return b"".join(parts)

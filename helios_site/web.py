"""The web process: one uvicorn server on a socket that the supervisor opened."""

import socket
import warnings

import uvicorn
from django.conf import settings
from django.urls import get_resolver

from helios_site.sockets import ImpatientProtocol

CLOSE_SECONDS = 3  # for answers under way when the end is asked for
LARGEST_MESSAGE = 16 * 1024  # clients of a live page only ask; they send nothing large


def server() -> uvicorn.Server:
    """A server with every bound set; `helios_site.asgi` is imported when it starts."""
    return uvicorn.Server(
        uvicorn.Config(
            "helios_site.asgi:application",
            lifespan="off",
            ws=ImpatientProtocol,
            ws_max_size=LARGEST_MESSAGE,
            timeout_graceful_shutdown=CLOSE_SECONDS,
            # Only a declared proxy may say who the client is: a forged X-Forwarded-For
            # would escape the sign-in page's lockout.
            proxy_headers=settings.BEHIND_HTTPS,
            server_header=False,
            access_log=False,  # a sign-in link is an address: it must not reach a log
            log_config=None,
        )
    )


def run(listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT."""
    # Static files are small and local: reading each at once is what WhiteNoise is for.
    warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous")
    # Import every page now: the first visitor does not wait for it, and a page that cannot
    # be imported ends this process with one message instead of failing each request.
    _ = get_resolver().url_patterns
    server().run(sockets=[listener])

"""Helios on a free port, served as in production, in a thread of this process."""

import gc
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from helios_site import web


@contextmanager
def served() -> Iterator[str]:
    """The address, while it is served."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = web.server()
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    gc.collect()  # the files of conftest's OF_OTHERS, while their warnings are ignored

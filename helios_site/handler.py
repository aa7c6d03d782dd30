"""How a request comes from the event loop to its view and back: on one thread, the whole way.

Every view and every middleware of Helios is synchronous. Django's own handler goes into a thread
for the middleware, back to the loop for the view and into the thread again, and starts a thread
and opens a database connection for each request: more work than most answers are. Here a request
is one visit to a thread that waits for the next one afterwards, with its connection open.
"""

from concurrent.futures import ThreadPoolExecutor

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.db import connection, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from helios_site.body_limit import Receive, Scope, Send

KEPT = 8  # threads that wait; more come and go with the crowd
CONNECTION_SECONDS = 60  # age at which a connection is opened anew


class Pages(ASGIHandler):
    """Django behind ASGI, for synchronous pages."""

    def __init__(self) -> None:
        super().__init__()
        self.idle: list[ThreadPoolExecutor] = []

    def load_middleware(self, is_async: bool = False) -> None:
        """The middleware as one synchronous chain, whatever the handler above asks for."""
        super().load_middleware(is_async=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, all of it on one thread."""
        thread = self.idle.pop() if self.idle else _thread()
        try:
            async with ThreadSensitiveContext(executor=thread):
                await self.handle(scope, receive, send)
        finally:
            if len(self.idle) < KEPT:
                self.idle.append(thread)
            else:
                thread.submit(connections.close_all)
                thread.shutdown(wait=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        """The whole chain and the view in one visit to the thread."""
        return await sync_to_async(self.get_response, thread_sensitive=True)(request)


def _thread() -> ThreadPoolExecutor:
    """A thread whose connection stays open between requests, and is tried before it is used."""

    def keep_connection() -> None:
        kept = {"CONN_MAX_AGE": CONNECTION_SECONDS, "CONN_HEALTH_CHECKS": True}
        connection.settings_dict = connection.settings_dict | kept

    return ThreadPoolExecutor(1, "page", initializer=keep_connection)

"""The ASGI application: pages and REST over HTTP, live sessions over WebSockets."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helios_site.settings")
pages = get_asgi_application()

from helios_site.doorway import OwnPagesOnly  # noqa: E402 - needs the apps loaded
from helios_site.sockets import StillWelcome  # noqa: E402
from helios_site.tokens import TokenUser  # noqa: E402
from training.routing import websocket_urlpatterns  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": pages,
        "websocket": OwnPagesOnly(
            AuthMiddlewareStack(StillWelcome(TokenUser(URLRouter(websocket_urlpatterns))))
        ),
    }
)

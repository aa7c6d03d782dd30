"""The ASGI application: pages and REST over HTTP, live sessions over WebSockets."""

import os

import django
from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "helios_site.settings")
django.setup(set_prefix=False)

from helios_site.body_limit import BodyLimit  # noqa: E402 - needs the apps loaded
from helios_site.closed import UnlessMaintained  # noqa: E402
from helios_site.doorway import OwnPagesOnly  # noqa: E402
from helios_site.handler import Pages  # noqa: E402
from helios_site.sockets import AsPreferred, ComeAgain, StillWelcome  # noqa: E402
from helios_site.tokens import TokenUser  # noqa: E402
from registry.storage import MAX_UPLOAD_BYTES  # noqa: E402
from training.routing import websocket_urlpatterns  # noqa: E402

UPLOADS = dict.fromkeys(("/api/models/import", "/models/import/"), MAX_UPLOAD_BYTES)
pages = Pages()

application = ProtocolTypeRouter(
    {
        "http": BodyLimit(pages, settings.DATA_UPLOAD_MAX_MEMORY_SIZE, UPLOADS),
        "websocket": OwnPagesOnly(
            UnlessMaintained(
                ComeAgain(
                    AuthMiddlewareStack(
                        StillWelcome(TokenUser(AsPreferred(URLRouter(websocket_urlpatterns))))
                    )
                )
            )
        ),
    }
)

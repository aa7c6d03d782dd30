"""The WebSocket addresses."""

from django.urls import path, re_path

from training.consumers import Nowhere, Overview, SessionFeed, SessionPage

websocket_urlpatterns = [
    path("ws/sessions/<int:session_id>/", SessionPage.as_asgi()),
    path("ws/api/sessions/<int:session_id>/", SessionFeed.as_asgi()),
    path("ws/overview/", Overview.as_asgi()),
    re_path(r"", Nowhere.as_asgi()),
]

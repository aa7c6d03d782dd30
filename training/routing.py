"""The WebSocket addresses."""

websocket_urlpatterns: list = []

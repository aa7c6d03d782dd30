"""The REST endpoints of this app."""

urlpatterns: list = []

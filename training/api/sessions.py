"""REST."""

urlpatterns: list = []

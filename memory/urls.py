"""The pages of this app."""

app_name = "memory"
urlpatterns: list = []

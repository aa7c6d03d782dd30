"""The pages of this app."""

app_name = "reflection"
urlpatterns: list = []

"""The pages of this app."""

app_name = "registry"
urlpatterns: list = []

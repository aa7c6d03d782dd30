"""The pages of draw histories."""

urlpatterns: list = []

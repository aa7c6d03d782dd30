"""The pages of training sessions."""

urlpatterns: list = []

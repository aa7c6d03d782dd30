"""The pages of this app."""

from django.urls import path

from registry import views

app_name = "registry"
urlpatterns = [
    path("models/", views.models, name="models"),
    path("models/<str:name>/", views.model, name="model"),
]

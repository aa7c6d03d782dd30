"""The pages of this app."""

from django.urls import path

from reflection import views

app_name = "reflection"
urlpatterns = [
    path("reflection/", views.overview, name="overview"),
    path("reflection/<str:name>/", views.model, name="model"),
]

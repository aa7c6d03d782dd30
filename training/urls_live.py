"""The addresses that live pages ask."""

from django.urls import path

from training.views import live

urlpatterns = [
    path("sessions/<int:session_id>/live/", live.session_live, name="session_live"),
]

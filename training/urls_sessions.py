"""The pages of training sessions."""

from django.urls import path

from training.views import live, sessions

urlpatterns = [
    path("train/", sessions.train, name="train"),
    path("sessions/<int:session_id>/", sessions.session, name="session"),
    path("sessions/<int:session_id>/live/", live.session_live, name="session_live"),
    path("sessions/<int:session_id>/log.txt", sessions.log_file, name="session_log"),
    path("sessions/<int:session_id>/pause", sessions.pause, name="pause"),
    path("sessions/<int:session_id>/stop", sessions.stop, name="stop"),
    path("sessions/<int:session_id>/resume", sessions.resume, name="resume"),
    path("sessions/<int:session_id>/retry", sessions.retry, name="retry"),
]

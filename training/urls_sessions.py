"""The pages of training sessions."""

from django.urls import path

from training.views import batch, listed, live, sessions, train

urlpatterns = [
    path("train/", train.train, name="train"),
    path("train/sessions.csv", listed.sessions_file, name="sessions_csv"),
    path("train/sessions.json", listed.sessions_list, name="sessions_json"),
    path("train/sessions/newer/", listed.newer, name="sessions_newer"),
    path("train/selected/", batch.selected, name="selected"),
    path("train/presets/", train.preset_save, name="preset_save"),
    path("train/presets/<str:name>/delete", train.preset_delete, name="preset_delete"),
    path("sessions/<int:session_id>/", sessions.session, name="session"),
    path("sessions/<int:session_id>/live/", live.session_live, name="session_live"),
    path("sessions/<int:session_id>/course/", sessions.course, name="course"),
    path("sessions/<int:session_id>/epochs.csv", sessions.epochs_file, name="epochs_csv"),
    path("sessions/<int:session_id>/log.txt", sessions.log_file, name="session_log"),
    path("sessions/<int:session_id>/title", sessions.title, name="title"),
    path("sessions/<int:session_id>/pause", sessions.pause, name="pause"),
    path("sessions/<int:session_id>/stop", sessions.stop, name="stop"),
    path("sessions/<int:session_id>/resume", sessions.resume, name="resume"),
    path("sessions/<int:session_id>/retry", sessions.retry, name="retry"),
    path("sessions/<int:session_id>/verify", sessions.verify, name="verify"),
]

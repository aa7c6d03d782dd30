"""The pages of draws and sessions."""

from training.urls_draws import urlpatterns as draws
from training.urls_live import urlpatterns as live
from training.urls_predictions import urlpatterns as predictions
from training.urls_sessions import urlpatterns as sessions

app_name = "training"
urlpatterns = [*sessions, *live, *draws, *predictions]

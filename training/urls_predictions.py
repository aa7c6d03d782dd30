"""The page of a forecast, below the page of its model."""

from django.urls import path

from training.views import predictions

urlpatterns = [path("models/<str:name>/predict/", predictions.prediction, name="prediction")]

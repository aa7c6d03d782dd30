"""The pages of this app."""

from django.urls import path

from reflection import views

app_name = "reflection"
urlpatterns = [
    path("reflection/", views.overview, name="overview"),
    path("draws/<slug:dataset>/audit/", views.audit, name="audit"),
    path("reflection/<str:name>/", views.model, name="model"),
]

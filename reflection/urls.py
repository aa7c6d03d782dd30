"""The pages of this app."""

from django.urls import path

from reflection import views

app_name = "reflection"
urlpatterns = [
    path("compare/", views.compare_models, name="compare"),
    path("reflection/", views.overview, name="overview"),
    path("draws/<slug:dataset>/audit/", views.audit, name="audit"),
    path("reflection/newer/<str:seen>/", views.newer, name="newer"),
    path("reflection/<str:name>/", views.model, name="model"),
]

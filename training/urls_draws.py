"""The pages of draw histories."""

from django.urls import path

from training.views import draw_columns, draws

urlpatterns = [
    path("draws/", draws.draws, name="draws"),
    path("draws/import/", draws.upload, name="draws_upload"),
    path("draws/import/<str:token>/", draws.preview, name="draws_preview"),
    path("draws/import/<str:token>/columns/", draw_columns.columns, name="draws_columns"),
    path("draws/import/<str:token>/problems.csv", draws.problems, name="draws_problems"),
    path("draws/import/<str:token>/apply/", draws.apply, name="draws_apply"),
    path("draws/fetch/", draws.fetch, name="draws_fetch"),
    path("draws/simulate/", draws.simulate, name="draws_simulate"),
    path("draws/<slug:name>/", draws.dataset, name="dataset"),
    path("draws/<slug:name>/card.md", draws.dataset_card, name="dataset_card"),
    path("draws/<slug:name>/draws.csv", draws.dataset_csv, name="dataset_csv"),
    path(
        "draws/<slug:name>/frequency/<slug:drum>.csv",
        draws.dataset_frequency,
        name="dataset_frequency",
    ),
    path("draws/<slug:name>/undo/", draws.undo, name="draws_undo"),
]

"""The pages of this app, and what is done on them."""

from django.urls import path

from registry.views import acts, imports, lists, pages

app_name = "registry"
urlpatterns = [
    path("models/", pages.models, name="models"),
    path("models/active/", acts.activate, name="activate"),
    path("models/newer/", pages.newer, name="newer"),
    path("models/rescan/", imports.rescan, name="rescan"),
    path("models/import/", imports.take_in, name="import"),
    path("models/found/", imports.found, name="found"),
    path("models/selected/", lists.selected, name="selected"),
    path("models/views/", lists.keep_view, name="keep_view"),
    path("models/views/<int:number>/remove/", lists.forget_view, name="forget_view"),
    path("models/<str:name>/", pages.model, name="model"),
    path("models/<str:name>/describe/", acts.describe, name="describe"),
    path("models/<str:name>/tag/", acts.tag, name="tag"),
    path("models/<str:name>/archive/", acts.archive, name="archive"),
    path("models/<str:name>/delete/", acts.delete, name="delete"),
    path("models/<str:name>/restore/", acts.restore, name="restore"),
    path("models/<str:name>/aliases/<str:alias>/remove/", acts.unalias, name="unalias"),
    path("models/<str:name>/versions/<str:version>/note/", acts.note, name="note"),
    path("models/<str:name>/versions/<str:version>/alias/", acts.alias, name="alias"),
    path("models/<str:name>/versions/<str:version>/load/", acts.load, name="load"),
]

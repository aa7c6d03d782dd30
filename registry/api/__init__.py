"""The REST endpoints of the registry; every one calls the verbs of `registry.services`."""

from django.urls import path

from registry.api import curating, files, importing, lists, loading, models

_VERSION = "models/<str:name>/versions/<str:version>"

urlpatterns = [
    path("models", models.models),
    path("models.csv", lists.as_csv, name="api_models_csv"),
    path("models.json", lists.as_json, name="api_models_json"),
    path("models/views", lists.views),
    path("models/views/<int:number>", lists.view),
    path("models/export", files.together, name="api_export"),
    path("models/import", importing.take_in),
    path("models/found", importing.found),
    path("models/rescan", importing.rescan),
    path("models/verify", loading.verify),
    path("models/load", loading.load),
    path("models/unload", loading.unload),
    path("models/<str:name>", curating.model),
    path("models/<str:name>/info", models.info),
    path("models/<str:name>/versions", models.versions),
    path("models/<str:name>/restore", curating.restore_model),
    path("models/<str:name>/aliases/<str:alias>", curating.alias),
    path(_VERSION, curating.version),
    path(f"{_VERSION}/restore", curating.restore_version),
    path(f"{_VERSION}/lineage", models.chain),
    path(f"{_VERSION}/bundle", files.whole, name="api_bundle"),
    path(f"{_VERSION}/pth", files.torch_file, name="api_torch"),
    path(f"{_VERSION}/onnx", files.onnx_file, name="api_onnx"),
    path(f"{_VERSION}/mlflow", files.mlflow_file, name="api_mlflow"),
    path(f"{_VERSION}/card", files.card, name="api_card"),
    path(f"{_VERSION}/files/<str:file_name>", files.file, name="api_file"),
]

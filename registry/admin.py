"""The curator's desk: models and versions. What the machine wrote is read-only."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from registry.models import ModelArtifact, RegisteredModel
from registry.queries import with_newest
from registry.services import verify_artifacts
from registry.verdicts import verdict


class VersionInline(admin.TabularInline):
    """The versions of a model, each a link to its own page."""

    model = ModelArtifact
    fields = readonly_fields = ("version", "status", "encoder", "test_gain", "size_bytes")
    extra = 0
    show_change_link = True
    can_delete = False

    def has_add_permission(
        self, request: HttpRequest, obj: RegisteredModel | None = None
    ) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelArtifact]:
        return super().get_queryset(request).defer("evaluation", "config", "network")


@admin.register(RegisteredModel)
class RegisteredModelAdmin(admin.ModelAdmin):
    """Names, described by their newest version; made by training, never by hand."""

    list_display = ("name", "number", "version", "status", "encoder", "test_gain", "trained")
    list_filter = ("newest__status", "newest__encoder", "archived_at")
    search_fields = ("name", "description", "newest__dataset_name")
    date_hierarchy = "created_at"
    readonly_fields = ("name", "key", "number", "created_at", "created_by", "archived_at")
    fields = ("name", "number", "description", "created_at", "created_by", "archived_at")
    inlines = (VersionInline,)
    actions = ("verify",)
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisteredModel]:
        return with_newest(super().get_queryset(request))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: RegisteredModel | None = None
    ) -> bool:
        return False

    @admin.display(ordering="newest__version")
    def version(self, model: RegisteredModel) -> int | None:
        return model.newest.version if model.newest else None

    @admin.display(ordering="newest__status")
    def status(self, model: RegisteredModel) -> str | None:
        return model.newest.status if model.newest else None

    @admin.display(ordering="newest__encoder", description="architecture")
    def encoder(self, model: RegisteredModel) -> str | None:
        return model.newest.encoder if model.newest else None

    @admin.display(ordering="newest__test_gain", description="test gain, bits (95 %)")
    def test_gain(self, model: RegisteredModel) -> str | None:
        return skill(model.newest) if model.newest else None

    @admin.display(ordering="newest__created_at", description="trained")
    def trained(self, model: RegisteredModel) -> object:
        return model.newest.created_at if model.newest else None

    @admin.action(description="Hash the files again", permissions=["change"])
    def verify(self, request: HttpRequest, models: QuerySet[RegisteredModel]) -> None:
        findings = [found for model in models for found in verify_artifacts(model=model)]
        damaged = [str(found.artifact) for found in findings if found.problem]
        words = f"{len(findings)} versions read; damaged: {', '.join(damaged) or 'none'}."
        self.message_user(request, words, level="error" if damaged else "success")


@admin.register(ModelArtifact)
class ModelArtifactAdmin(admin.ModelAdmin):
    """Versions: everything but the notes was written by the machine."""

    list_display = ("__str__", "status", "encoder", "gain", "dataset_name", "created_at")
    list_filter = ("status", "encoder", "dataset_name")
    list_select_related = ("model",)
    search_fields = ("model__name", "weights_sha256", "dataset_name")
    date_hierarchy = "created_at"
    show_full_result_count = False
    exclude = ("evaluation",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelArtifact]:
        return super().get_queryset(request).defer("evaluation")

    def get_readonly_fields(
        self, request: HttpRequest, obj: ModelArtifact | None = None
    ) -> list[str]:
        written = [field.name for field in ModelArtifact._meta.fields if field.name != "notes"]
        return [*written, "result"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(
        self, request: HttpRequest, obj: ModelArtifact | None = None
    ) -> bool:
        return False

    @admin.display(ordering="test_gain", description="test gain, bits (95 %)")
    def gain(self, version: ModelArtifact) -> str | None:
        return skill(version)

    @admin.display(description="result")
    def result(self, version: ModelArtifact) -> str:
        return verdict(version)


def skill(version: ModelArtifact) -> str | None:
    """A test gain with its interval, or None where nothing was measured."""
    if version.test_gain is None:
        return None
    if version.test_low is None or version.test_high is None:
        return f"{version.test_gain:+.4f}"
    return f"{version.test_gain:+.4f} ({version.test_low:+.4f} to {version.test_high:+.4f})"

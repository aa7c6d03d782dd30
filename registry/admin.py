"""The curator's desk: models and versions. What the machine wrote is read-only.

Every action calls the verb that the pages and REST call; a refusal is a message.
"""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from memory.desk import Desk, Noted, drawn_state
from memory.refusals import Refusal
from memory.sentences import counted
from registry import services
from registry.desk import Kept, Tag, drawn_curve, drawn_skill, kilobytes, skill
from registry.models import ModelAlias, ModelArtifact, RegisteredModel
from registry.queries import with_newest
from registry.verdicts import verdict


class VersionInline(admin.TabularInline):
    """The versions of a model, each a link to its own page."""

    model = ModelArtifact
    fields = readonly_fields = ("version", "status", "encoder", "gain", "size_bytes")
    extra = 0
    show_change_link = True
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelArtifact]:
        heavy = ("evaluation", "config", "network", "environment")
        return super().get_queryset(request).select_related("model").defer(*heavy)

    @admin.display(description="test gain, bits (95 %)")
    def gain(self, version: ModelArtifact) -> str | None:
        return skill(version)


class MadeByTraining:
    """Rows that are neither added nor deleted by hand; a person only writes words on them."""

    def has_add_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


@admin.register(RegisteredModel)
class RegisteredModelAdmin(Noted, MadeByTraining, Desk):
    """Names, described by their newest version; made by training, never by hand."""

    list_display = (
        *("name", "state", "alias_words", "encoder", "test_gain", "curve", "size", "trained"),
    )
    list_filter = (
        "newest__status",
        "newest__encoder",
        Kept,
        ("tags__text", Tag),
    )
    search_fields = ("name", "description", "newest__dataset_name", "tags__text")
    date_hierarchy = "created_at"
    readonly_fields = (
        *("name", "number", "created_at", "created_by", "archived_at", "deleted_at", "result"),
    )
    fields = (
        *("name", "number", "result", "description"),
        *("created_at", "created_by", "archived_at", "deleted_at"),
    )
    inlines = (VersionInline,)
    actions = (
        *("verify", "name", "tag", "archive", "unarchive", "note"),
        *("export", "trash", "restore"),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[RegisteredModel]:
        return with_newest(super().get_queryset(request))

    def about(self, row: RegisteredModel) -> dict[str, object]:
        return {"model_name": row.name}

    def save_model(
        self, request: HttpRequest, obj: RegisteredModel, form: ModelForm, change: bool
    ) -> None:
        """The only field a person writes, by the verb that journals it."""
        actor = request.user.get_username()
        services.describe(model=obj, description=obj.description, actor=actor)

    @admin.display(ordering="newest__status")
    def state(self, model: RegisteredModel) -> SafeString | None:
        if model.deleted_at or model.archived_at:
            return drawn_state("deleted" if model.deleted_at else "archived")
        return drawn_state(model.newest.status) if model.newest else None

    @admin.display(description="aliases")
    def alias_words(self, model: RegisteredModel) -> str:
        rows: list[ModelAlias] = getattr(model, "alias_rows", [])
        return ", ".join(f"{row.alias} v{row.version.version}" for row in rows)

    @admin.display(ordering="newest__encoder", description="architecture")
    def encoder(self, model: RegisteredModel) -> str | None:
        return model.newest.encoder if model.newest else None

    @admin.display(ordering="newest__test_gain", description="test gain, bits (95 %)")
    def test_gain(self, model: RegisteredModel) -> SafeString | None:
        return drawn_skill(model.newest) if model.newest else None

    @admin.display(description="validation")
    def curve(self, model: RegisteredModel) -> SafeString | None:
        return drawn_curve(model.newest)

    @admin.display(ordering="newest__size_bytes", description="kB")
    def size(self, model: RegisteredModel) -> str | None:
        return kilobytes(model.newest)

    @admin.display(ordering="newest__created_at")
    def trained(self, model: RegisteredModel) -> object:
        return model.newest.created_at if model.newest else None

    @admin.display(description="newest version")
    def result(self, model: RegisteredModel) -> str:
        return verdict(model.newest) if model.newest else "No version yet."

    @admin.action(description="Hash the files again", permissions=["change"])
    def verify(self, request: HttpRequest, models: QuerySet[RegisteredModel]) -> None:
        found = [one for model in models for one in services.verify_artifacts(model=model)]
        damaged = [str(one.artifact) for one in found if one.problem]
        words = (
            f"{counted(len(found), 'version')} read; damaged: {', '.join(damaged) or 'none'}."
        )
        self.message_user(request, words, messages.ERROR if damaged else messages.SUCCESS)

    @admin.action(description="Give an alias to the newest version...", permissions=["change"])
    def name(
        self, request: HttpRequest, models: QuerySet[RegisteredModel]
    ) -> HttpResponse | None:
        asked = {"alias": "Alias, such as champion", "reason": "Reason, for the journal"}
        if "confirmed" not in request.POST:
            return self.ask(request, models, "name", "Give an alias", asked)
        actor = request.user.get_username()
        alias, reason = request.POST.get("alias", ""), request.POST.get("reason", "")

        def verb(model: RegisteredModel) -> None:
            if model.newest is None:
                raise Refusal(f"{model} has no version yet.")
            services.set_alias(version=model.newest, alias=alias, actor=actor, reason=reason)

        self.each(request, models, verb, "Aliases given")
        return None

    @admin.action(description="Add a tag...", permissions=["change"])
    def tag(
        self, request: HttpRequest, models: QuerySet[RegisteredModel]
    ) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            return self.ask(request, models, "tag", "Add a tag", {"tag": "Tag"})
        actor, word = request.user.get_username(), request.POST.get("tag", "")

        def verb(model: RegisteredModel) -> None:
            had = [row.text for row in model.tags.all()]
            services.set_tags(model=model, tags=[*had, word], actor=actor)

        self.each(request, models, verb, "Tagged")
        return None

    @admin.action(description="Archive", permissions=["change"])
    def archive(self, request: HttpRequest, models: QuerySet[RegisteredModel]) -> None:
        actor = request.user.get_username()
        self.each(
            request, models, lambda m: services.archive_model(model=m, actor=actor), "Archived"
        )

    @admin.action(description="Take out of the archive", permissions=["change"])
    def unarchive(self, request: HttpRequest, models: QuerySet[RegisteredModel]) -> None:
        actor = request.user.get_username()
        self.each(
            request,
            models,
            lambda m: services.unarchive_model(model=m, actor=actor),
            "Unarchived",
        )

    @admin.action(description="Download as one file", permissions=["view"])
    def export(
        self, request: HttpRequest, models: QuerySet[RegisteredModel]
    ) -> HttpResponse | None:
        versions = [model.newest for model in models if model.newest]
        try:
            raw = services.export_versions(versions=versions)
        except Refusal as refusal:
            self.message_user(request, refusal.message, messages.ERROR)
            return None
        response = HttpResponse(raw, content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="helios-models.zip"'
        return response

    @admin.action(description="Put in the trash...", permissions=["change"])
    def trash(
        self, request: HttpRequest, models: QuerySet[RegisteredModel]
    ) -> HttpResponse | None:
        if "confirmed" not in request.POST:
            return self.ask(request, models, "trash", "Put in the trash", {"reason": "Reason"})
        actor, reason = request.user.get_username(), request.POST.get("reason", "")

        def verb(model: RegisteredModel) -> None:
            services.delete(model=model, actor=actor, reason=reason)

        self.each(request, models, verb, "Put in the trash")
        return None

    @admin.action(description="Take out of the trash", permissions=["change"])
    def restore(self, request: HttpRequest, models: QuerySet[RegisteredModel]) -> None:
        actor = request.user.get_username()
        self.each(request, models, lambda m: services.restore(model=m, actor=actor), "Restored")


@admin.register(ModelArtifact)
class ModelArtifactAdmin(MadeByTraining, Desk):
    """Versions: everything but the notes was written by the machine."""

    list_display = ("__str__", "state", "encoder", "gain", "dataset_name", "created_at")
    list_filter = ("status", "encoder", "dataset_name")
    list_select_related = ("model",)
    search_fields = ("model__name", "weights_sha256", "dataset_name")
    date_hierarchy = "created_at"
    exclude = ("evaluation",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelArtifact]:
        return super().get_queryset(request).defer("evaluation")

    def get_readonly_fields(
        self, request: HttpRequest, obj: ModelArtifact | None = None
    ) -> list[str]:
        written = [field.name for field in ModelArtifact._meta.fields if field.name != "notes"]
        return [*written, "result"]

    def save_model(
        self, request: HttpRequest, obj: ModelArtifact, form: ModelForm, change: bool
    ) -> None:
        """The only field a person writes, by the verb that journals it."""
        services.annotate(version=obj, notes=obj.notes, actor=request.user.get_username())

    @admin.display(ordering="test_gain", description="test gain, bits (95 %)")
    def gain(self, version: ModelArtifact) -> SafeString | None:
        return drawn_skill(version)

    @admin.display(ordering="status")
    def state(self, version: ModelArtifact) -> SafeString:
        return drawn_state(version.status)

    @admin.display(description="result")
    def result(self, version: ModelArtifact) -> str:
        return verdict(version)

"""The curator's desk: what the project itself adds to it, and what it takes away."""

from types import MappingProxyType
from typing import Any

from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group, User
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest
from django_q import admin as queue_admin

from helios_site import accounts
from helios_site.models import ApiToken
from helios_site.roles import GIVEN, Role, give_role, refuse_last, role_of
from memory.desk import Choice
from memory.refusals import Refusal

# Whoever may write a Schedule may run any function, and listing results unpickles them
# (docs/operations.md, "The queue's tables"). Our own session rows say what the queue does.
_ = queue_admin  # imported first, so that there is something to take away
for model in apps.get_app_config("django_q").get_models():
    if admin.site.is_registered(model):  # which ones are depends on the broker
        admin.site.unregister(model)

admin.site.site_header = "Helios"
admin.site.site_title = "Helios"
admin.site.index_title = "Curating"
admin.site.enable_nav_sidebar = False  # lists need its room; the index has the same links


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    """Tokens can be looked at and revoked; `manage.py api_token NAME` makes one."""

    list_display = ("name", "user", "created", "expiry")
    list_select_related = ("user",)
    search_fields = ("name", "user__username")
    date_hierarchy = "created"
    fields = readonly_fields = ("name", "user", "created", "expiry")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def delete_model(self, request: HttpRequest, obj: ApiToken) -> None:
        accounts.revoke_token(name=obj.name, user=obj.user)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[ApiToken]) -> None:
        for token in queryset:
            self.delete_model(request, token)


class WithRole(forms.Form):
    """The one field by which the page of an account says what it may do."""

    role = forms.ChoiceField(
        choices=[(role.value, role.label) for role in GIVEN],
        initial=Role.VIEWER,
        widget=forms.RadioSelect,
    )


class AccountForm(WithRole, UserChangeForm):
    """An account that is there."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["role"].initial = role_of(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        stays = cleaned.get("role") == Role.ADMIN and cleaned.get("is_active")
        try:
            if not stays:
                refuse_last(self.instance)
        except Refusal as refusal:
            self.add_error("role", refusal.fields["role"])
        return cleaned


class NewAccountForm(WithRole, AdminUserCreationForm):
    """An account to be made: without a choice it looks on."""


class RoleFilter(Choice):
    title = parameter_name = "role"
    CHOICES = MappingProxyType(
        {
            "viewer": ("Viewer", Q(is_superuser=False, is_editor=False)),
            "editor": ("Editor", Q(is_superuser=False, is_editor=True)),
            "admin": ("Administrator", Q(is_superuser=True)),
        }
    )


admin.site.unregister(User)
admin.site.unregister(Group)  # roles are Helios' own; permissions of tables are not used


@admin.register(User)
class AccountAdmin(UserAdmin):
    """The page of users: who there is, and which role each has."""

    form = AccountForm
    add_form = NewAccountForm
    list_display = ("username", "role", "is_active", "last_login", "date_joined")
    list_filter = (RoleFilter, "is_active")
    search_fields = ("username",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "role", "is_active")}),
        ("When", {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "usable_password", "password1", "password2", "role")}),
    )
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        editors = Group.objects.filter(name=Role.EDITOR, user=OuterRef("pk"))
        return super().get_queryset(request).annotate(is_editor=Exists(editors))

    @admin.display
    def role(self, user: Any) -> str:
        return "admin" if user.is_superuser else "editor" if user.is_editor else "viewer"

    def save_related(
        self, request: HttpRequest, form: Any, formsets: Any, change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        if "role" in form.cleaned_data:
            actor = request.user.get_username()
            give_role(user=form.instance, role=form.cleaned_data["role"], actor=actor)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return obj is None or obj != request.user

"""The curator's desk: what the project itself adds to it, and what it takes away."""

from django.apps import apps
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django_q import admin as queue_admin

from helios_site import accounts
from helios_site.models import ApiToken

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

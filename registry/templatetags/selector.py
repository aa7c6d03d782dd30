"""The frame's model selector: which model is active, and whether it is loaded."""

from typing import Any

from django import template

from registry.models import RegisteredModel

SESSION_KEY = "active_model"
SHOWN = 30  # newest models; the page of models has all of them

register = template.Library()


@register.inclusion_tag("registry/_selector.html", takes_context=True)
def model_selector(context: template.Context) -> dict[str, Any]:
    """The newest models to choose from and the one that is active; one query, two if it is old."""
    request = context["request"]
    name = request.session.get(SESSION_KEY, "")
    listed = RegisteredModel.objects.filter(
        deleted_at=None, archived_at=None, newest__isnull=False
    ).select_related("newest")
    shown = listed.only("name", "newest__version", "newest__status").order_by("-newest")
    models = list(shown[:SHOWN])
    active = next((model for model in models if model.name == name), None)
    if name and active is None:
        active = shown.filter(name=name).first()
        models = [*models, active] if active else models
    return {"request": request, "models": models, "active": active}

"""What a row of the list of models offers to do: tags, as a page has a hundred of each."""

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from helios_site.templatetags.helios import status
from registry.models import ModelArtifact, RegisteredModel

register = template.Library()
_SWAP = mark_safe(' hx-swap-oob="true"')
_OPENED = {
    ModelArtifact.Status.READY.value: "Load",
    ModelArtifact.Status.LOADED.value: "Unload",
}


@register.simple_tag
def version_state(version: ModelArtifact, swap: bool = False) -> SafeString:
    """The state of a version, which an open page exchanges by itself (`swap`)."""
    return format_html(
        '<span id="state-{}"{}>{}</span>',
        version.pk,
        _SWAP if swap else "",
        status(version.status),
    )


@register.simple_tag
def load_button(version: ModelArtifact, page: str, swap: bool = False) -> SafeString:
    """The button that loads or unloads a version, where its state allows it."""
    word = _OPENED.get(version.status)
    button = word and format_html(
        '<button class="button" form="row-acts" formaction="{}versions/{}/load/">{}</button>',
        page,
        version.version,
        word,
    )
    return format_html(
        '<span id="load-{}"{}>{}</span>', version.pk, _SWAP if swap else "", button or ""
    )


@register.simple_tag
def row_actions(
    model: RegisteredModel, version: ModelArtifact, page: str, compare: str
) -> SafeString:
    """The menu of a row; `page` is the address of the model, `compare` that of comparisons."""
    return format_html(
        '<details class="row-acts"><summary class="button-quiet">Actions'
        '<span class="visually-hidden"> on {name}</span></summary>\n'
        '<div class="toolbar">{load}\n'
        '<a class="button" href="{compare}?m={name}">Compare</a>\n'
        '<a class="button" href="{predict}">Predict</a>\n'
        '<a class="button" href="/api/models/{name}/versions/{number}/bundle" download>Export</a>\n'
        '<button class="button" form="row-acts" formaction="{page}archive/">{archive}</button>\n'
        '<a class="button" href="{page}?tab=curate#delete">Delete…</a></div></details>',
        name=model.name,
        load=load_button(version, page),
        compare=compare,
        predict=reverse("training:prediction", args=[model.name]),
        number=version.version,
        page=page,
        archive="Unarchive" if model.archived_at else "Archive",
    )

"""Forms as a browser without scripts has them: read from the page as it came, sent as they stand."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urljoin

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.test import Client
from django.test.html import Element, parse_html

from tests.markup import elements, text_of

Attributes = dict[str, str]


@dataclass
class Form:
    """A form: what is filled in, and the buttons that a person can press."""

    attributes: Attributes
    fields: dict[str, list[str]] = field(default_factory=dict)
    others: set[str] = field(default_factory=set)  # boxes not ticked, files not chosen
    buttons: list[tuple[str, Attributes]] = field(default_factory=list)  # words, attributes


def forms_of(html: str) -> list[Form]:
    """The forms of a page; a button may stand elsewhere and name its form."""
    found: list[Form] = []
    strays: list[tuple[str, str, Attributes]] = []
    _walk(parse_html(html), None, True, found, strays)
    for name, words, attributes in strays:
        owner = next(form for form in found if form.attributes.get("id") == name)
        owner.buttons.append((words, attributes))
    return found


def submit(client: Client, page: str, button: str, **typed: Any) -> HttpResponse:
    """Press the button of a page that begins with these words, after typing into its form.

    What leads on is followed. A field that the form lacks, or a button out of reach, is a mistake.
    """
    opened = client.get(page, follow=True)
    page = opened.redirect_chain[-1][0] if opened.redirect_chain else page
    html = opened.content.decode()
    form, attributes = next(
        (form, attributes)
        for form in forms_of(html)
        for words, attributes in form.buttons
        if words.startswith(button) and set(typed) <= {*form.fields, *form.others}
    )
    sent: dict[str, Any] = form.fields | typed
    if "name" in attributes:
        sent |= {attributes["name"]: attributes.get("value", "")}
    about = form.attributes | {
        name.removeprefix("form"): value
        for name, value in attributes.items()
        if name.startswith("form") and name != "form"
    }
    address = urljoin(page, about.get("action") or page)
    if about.get("method", "get").lower() == "get":
        return client.get(address.partition("?")[0], sent, follow=True)
    assert form.fields.get("csrfmiddlewaretoken"), address
    if any(isinstance(value, UploadedFile) for value in sent.values()):
        assert about.get("enctype") == "multipart/form-data"
    return client.post(address, sent, follow=True)


def _walk(
    element: Element,
    form: Form | None,
    reached: bool,
    found: list[Form],
    strays: list[tuple[str, str, Attributes]],
) -> None:
    attributes = {name: value or "" for name, value in element.attributes}
    hidden = "hidden" in attributes or "script-only" in attributes.get("class", "")
    # Nobody opens a dialog without a script.
    reached = reached and not hidden and (element.name != "dialog" or "open" in attributes)
    if element.name == "form":
        form = Form(attributes)
        found.append(form)
    elif element.name == "button" and attributes.get("type", "submit") == "submit":
        pressed = (text_of(element), attributes)
        if reached and "disabled" not in attributes:
            if "form" in attributes:
                strays.append((attributes["form"], *pressed))
            elif form:
                form.buttons.append(pressed)
    elif form and attributes.get("name") and "disabled" not in attributes:
        _take(form, element, attributes)
    for child in element.children:
        if isinstance(child, Element):
            _walk(child, form, reached, found, strays)


def _take(form: Form, element: Element, attributes: Attributes) -> None:
    """A field of a form, as it is filled in."""
    name, kind = attributes["name"], attributes.get("type", "text")
    if element.name == "textarea":
        value = text_of(element)
    elif element.name == "select":
        value = _chosen(element)
    elif kind in ("checkbox", "radio"):
        value = attributes.get("value", "on") if "checked" in attributes else None
    elif kind == "file":
        value = None
    else:
        value = attributes.get("value", "") if element.name == "input" else None
    if value is None:
        form.others.add(name)
    else:
        form.fields.setdefault(name, []).append(value)


def _chosen(select: Element) -> str | None:
    options = [each for each in elements(select) if each.name == "option"]
    wanted = [o for o in options if any(name == "selected" for name, _ in o.attributes)]
    option = next(iter([*wanted, *options]), None)
    return None if option is None else dict(option.attributes).get("value", text_of(option))

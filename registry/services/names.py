"""Registering a model's name."""

from django.db import IntegrityError, transaction
from django.db.models import Max

from memory.refusals import Conflict, Invalid
from registry import names
from registry.models import RegisteredModel

_ATTEMPTS = 50  # others registering at the same instant; each lost race costs one


def reserve_model(*, name: str, actor: str) -> RegisteredModel:
    """The model of this name, registered now if it is new.

    Raises Invalid (field `model_name`) for a name that breaks the rule, Conflict
    `name_in_use` when another model differs only in upper and lower case, and Conflict
    `model_archived` when the model was put away.
    """
    problem = names.problem_with(name)
    if problem:
        raise Invalid(fields={"model_name": problem})
    for _ in range(_ATTEMPTS):
        model = RegisteredModel.objects.filter(key=names.key_of(name)).first()
        model = model or _register(name, actor)
        if model is not None:
            return _usable(model, name)
    raise Conflict("Too many models are being registered at once; try again.")


def register_model(*, name: str, actor: str) -> RegisteredModel:
    """A new model of this name.

    Raises Invalid (field `model_name`) and, whoever has the name already, Conflict
    `name_in_use`.
    """
    problem = names.problem_with(name)
    if problem:
        raise Invalid(fields={"model_name": problem})
    for _ in range(_ATTEMPTS):
        if RegisteredModel.objects.filter(key=names.key_of(name)).exists():
            raise Conflict(
                f"There is already a model {name!r}. Choose another name, or add a version to it.",
                code="name_in_use",
            )
        model = _register(name, actor)
        if model is not None:
            return model
    raise Conflict("Too many models are being registered at once; try again.")


def _usable(model: RegisteredModel, name: str) -> RegisteredModel:
    if model.name != name:
        raise Conflict(
            f"There is already a model {model.name!r}; names that differ only in upper and "
            "lower case are the same. Use its spelling or another name.",
            code="name_in_use",
        )
    if model.archived_at is not None:
        raise Conflict(
            f"{name!r} is archived. Unarchive it first, or use another name.",
            code="model_archived",
        )
    return model


def _register(name: str, actor: str) -> RegisteredModel | None:
    """A new row, or None when somebody else took the name or the number first."""
    last = RegisteredModel.objects.aggregate(last=Max("number"))["last"] or 0
    try:
        # A savepoint: the caller's transaction survives a lost race.
        with transaction.atomic():
            return RegisteredModel.objects.create(
                name=name, key=names.key_of(name), number=last + 1, created_by=actor
            )
    except IntegrityError:
        return None

"""What an account may do: look (viewer), train and import (editor), or everything (admin).

A visitor has no account; where HELIOS_PUBLIC_READ lets strangers in, it looks at a few pages.

An administrator is a superuser, an editor is in the group of that name, everybody else looks.
`helios_site.policy` says which role each address needs.
"""

from typing import Any

from django.contrib.auth.models import Group, User
from django.db import models, transaction

from memory import services as journal
from memory.refusals import Invalid


class Role(models.TextChoices):
    """From the least to the most."""

    VISITOR = "visitor", "Visitor: no account, looks at a few pages"
    VIEWER = "viewer", "Viewer: looks at everything"
    EDITOR = "editor", "Editor: trains, imports, deletes what is its own"
    ADMIN = "admin", "Administrator: everything, accounts and compaction too"

    def covers(self, needed: "Role") -> bool:
        """Whether this role is enough where that one is needed."""
        ranks = Role.values
        return ranks.index(self) >= ranks.index(needed)


# What an account can be given: nobody is made a visitor.
GIVEN = tuple(role for role in Role if role != Role.VISITOR)


def role_of(user: Any) -> Role:
    """The role of an account; read once per request."""
    if not user.is_authenticated:
        return Role.VISITOR
    if user.is_superuser:
        return Role.ADMIN
    kept: Role | None = getattr(user, "helios_role", None)
    if kept is None:
        editor = user.groups.filter(name=Role.EDITOR).exists()
        kept = user.helios_role = Role.EDITOR if editor else Role.VIEWER
    return kept


def refuse_last(user: User) -> None:
    """Raise Invalid for the only administrator there is: nobody could make another one."""
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and not others.exists():
        text = f"{user.get_username()} is the only administrator; make another one first."
        raise Invalid(fields={"role": text})


@transaction.atomic
def give_role(*, user: User, role: str, actor: str) -> None:
    """Change what an account may do, and tell the journal.

    Raises Invalid for a role there is not, and for the last administrator who would be none.
    """
    if role not in GIVEN:
        raise Invalid(fields={"role": f"Must be one of {', '.join(GIVEN)}."})
    is_admin = role == Role.ADMIN
    if not is_admin:
        refuse_last(user)
    before = role_of(user)
    user.is_staff = user.is_superuser = is_admin
    user.save(update_fields=["is_staff", "is_superuser"])
    editors, _ = Group.objects.get_or_create(name=Role.EDITOR.value)
    (user.groups.add if role == Role.EDITOR else user.groups.remove)(editors)
    user.helios_role = Role(role)  # type: ignore[attr-defined]
    if before != role:
        journal.append(
            event_type="role_given",
            actor=actor,
            metadata={
                "username": user.get_username(),
                "role": str(role),
                "before": before.value,
            },
        )

"""Accounts and the two ways in without a password: the single-use link and API tokens."""

from datetime import timedelta
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from sesame.backends import ModelBackend
from sesame.utils import get_parameters

from helios_site.instance import local_host
from helios_site.models import ApiToken
from helios_site.roles import Role, role_of
from memory import services as journal
from memory.refusals import Invalid, NotFound

OWNER = "owner"
LONGEST_DAYS = 3650


def local_owner() -> User:
    """The person at this computer: may do everything, and has no password."""
    owner, is_new = User.objects.get_or_create(
        username=OWNER, defaults={"is_staff": True, "is_superuser": True}
    )
    if is_new:
        owner.set_unusable_password()
        owner.save(update_fields=["password"])
    return owner


def find_user(username: str) -> User:
    """An account by name; "" means the only administrator there is."""
    if username:
        found = User.objects.filter(username=username, is_active=True).first()
        if found is None:
            raise NotFound(f"There is no active account named {username}.")
        return found
    if settings.HELIOS_MODE == "embedded":
        return local_owner()
    administrators = User.objects.filter(is_superuser=True, is_active=True)[:2]
    if len(administrators) != 1:
        raise Invalid("Say for which account: --user NAME.")
    return administrators[0]


def address() -> str:
    """Where a browser finds the pages, without a slash at the end."""
    if settings.BEHIND_HTTPS and settings.CSRF_TRUSTED_ORIGINS:
        return str(settings.CSRF_TRUSTED_ORIGINS[0])
    host = local_host(settings.HELIOS_HOST)
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.PORT}"


def sign_in_link(user: User) -> str:
    """An address that signs `user` in once, within settings.SESAME_MAX_AGE seconds."""
    with transaction.atomic():
        journal.append(event_type="sign_in_link_created", actor=user.username)
        return f"{address()}{reverse('enter')}?{urlencode(get_parameters(user))}"


def redeem(token: str) -> User | None:
    """The user of a sign-in link, once; None when it is used, too old or not ours.

    The token's signature covers the time of the last sign-in, so moving that time uses the
    link up. The update is conditional: of two requests with one link, one gets in.
    """
    user = ModelBackend().authenticate(None, sesame=token)
    if user is None:
        return None
    unused = User.objects.filter(pk=user.pk, last_login=user.last_login)
    return user if unused.update(last_login=timezone.now()) else None


def make_token(
    *, name: str, user: User, days: int | None = None, scope: str = ApiToken.Scope.WRITE
) -> str:
    """A new API token of `user`, valid for `days` (None: until revoked). It is not kept."""
    if not 0 < len(name) <= ApiToken.NAME_LENGTH or not name.isprintable():
        raise Invalid(fields={"name": f"1 to {ApiToken.NAME_LENGTH} printable characters."})
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid(fields={"days": f"A whole number from 1 to {LONGEST_DAYS}."})
    if scope not in ApiToken.Scope.values:
        raise Invalid(fields={"scope": "Must be read or write."})
    if scope != ApiToken.Scope.READ and role_of(user) == Role.VIEWER:
        raise Invalid(fields={"scope": "Your role is viewer: a token of yours can only read."})
    expiry = None if days is None else timedelta(days=days)
    try:
        with transaction.atomic():
            row, token = ApiToken.objects.create(
                user=user, name=name, expiry=expiry, scope=scope
            )
            expires = {} if row.expiry is None else {"expires": row.expiry.isoformat()}
            journal.append(
                event_type="api_token_created",
                actor=user.username,
                metadata={"name": name, "scope": scope, **expires},
            )
    except IntegrityError as error:
        text = f"{user.username} has a token of this name; revoke it or choose another name."
        raise Invalid(fields={"name": text}) from error
    return token


def read_days(text: str) -> int | None:
    """How long a token is to be valid, from the text of a form; "" means until revoked."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 9):
        raise Invalid(fields={"days": f"A whole number from 1 to {LONGEST_DAYS}."})
    return int(text)


def revoke_token(*, name: str, user: User) -> None:
    """End a token; the next call with it is refused."""
    with transaction.atomic():
        count, _ = ApiToken.objects.filter(user=user, name=name).delete()
        if not count:
            raise NotFound(f"{user.username} has no token named {name}.")
        journal.append(
            event_type="api_token_revoked", actor=user.username, metadata={"name": name}
        )


def change_password(*, user: User, before: str, wanted: str) -> None:
    """Give an account another password. Invalid names the field: the old one, or a weak new one."""
    if not user.has_usable_password():
        raise Invalid(fields={"before": "This account has no password: it signs in by links."})
    if not user.check_password(before):
        raise Invalid(fields={"before": "This is not your password."})
    try:
        validate_password(wanted, user)
    except ValidationError as error:
        raise Invalid(fields={"wanted": " ".join(error.messages)}) from error
    with transaction.atomic():
        user.set_password(wanted)
        user.save(update_fields=["password"])
        journal.append(event_type="password_changed", actor=user.username)

"""How settings are read from the environment: a bad value stops the start with one clear line."""

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.Env()


def number(name: str, default: int, low: int, high: int) -> int:
    """An integer of the environment between `low` and `high`."""
    text = env.str(name, default=str(default)).strip()
    if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
        raise ImproperlyConfigured(
            f"{name}={text!r} is not a whole number from {low} to {high}"
        )
    return int(text)


def choice(name: str, default: str, options: tuple[str, ...]) -> str:
    """One of a few words of the environment."""
    value = env.str(name, default=default)
    if value not in options:
        raise ImproperlyConfigured(f"{name}={value!r} is not one of {', '.join(options)}")
    return value

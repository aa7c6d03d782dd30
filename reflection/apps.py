"""The reflection app."""

from django.apps import AppConfig


class ReflectionConfig(AppConfig):
    """Top floor below the site: it reads all others and owns no table."""

    name = "reflection"

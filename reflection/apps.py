"""The reflection app."""

from django.apps import AppConfig


class ReflectionConfig(AppConfig):
    """Top floor below the site: it reads all others, and owns its jobs, what they found, and forecasts."""

    name = "reflection"

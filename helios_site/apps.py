"""The project itself as an app, so that its commands and system checks are found."""

from django.apps import AppConfig


class HeliosSiteConfig(AppConfig):
    name = "helios_site"
    verbose_name = "Helios"

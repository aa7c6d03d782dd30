"""The project itself as an app, so that its commands and system checks are found."""

from django.apps import AppConfig

from helios_site import checks  # noqa: F401 - importing it registers them


class HeliosSiteConfig(AppConfig):
    """The top floor."""

    name = "helios_site"
    verbose_name = "Helios"

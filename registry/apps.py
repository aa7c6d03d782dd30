"""The registry app."""

from django.apps import AppConfig


class RegistryConfig(AppConfig):
    name = "registry"

    def ready(self) -> None:
        """Tell the memory what there is of models; they have to be loaded first."""
        from memory import floors  # noqa: PLC0415
        from registry import belongings, witness  # noqa: PLC0415

        floors.KEEPERS.append(belongings.keep)
        floors.CROSS_CHECKS.append(witness.model_files)

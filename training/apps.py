"""The training app."""

from django.apps import AppConfig


class TrainingConfig(AppConfig):
    name = "training"

    def ready(self) -> None:
        """Tell the memory what there is of sessions; the models have to be loaded first."""
        from memory import floors  # noqa: PLC0415
        from training import belongings, witness  # noqa: PLC0415
        from training.services.compaction import EpochsPart  # noqa: PLC0415

        floors.add_part(EpochsPart())
        floors.KEEPERS.append(belongings.keep)
        floors.CROSS_CHECKS.append(witness.sessions)

"""What was learned, computed from stored rows. Pages, REST and commands call these verbs."""

from reflection.services.models import Reflection, find_model, reflect_on_model, verdicts

__all__ = ["Reflection", "find_model", "reflect_on_model", "verdicts"]

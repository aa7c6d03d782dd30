"""The forms of the journal and of the memory page."""

from typing import Any

from django import forms

from memory import floors
from memory.models import Policy
from memory.policies import MAX_DAYS, MAX_QUOTA_MB, STRETCHES
from memory.services import MAX_NOTE


class NoteForm(forms.Form):
    """A note, about a model or a session when one is named."""

    text = forms.CharField(
        label="Note",
        max_length=MAX_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Markdown: **bold**, lists, links, tables.",
    )
    model_name = forms.CharField(label="About model", max_length=80, required=False)
    session_id = forms.IntegerField(
        label="About session", min_value=0, max_value=2**63 - 1, required=False
    )
    entry = forms.IntegerField(
        label="About entry", min_value=1, max_value=2**63 - 1, required=False
    )


class PolicyForm(forms.Form):
    """What is compacted when nobody asks; a field of days for each part of the memory."""

    stretch = forms.IntegerField(
        label="Epochs in a stretch",
        min_value=STRETCHES[0],
        max_value=STRETCHES[1],
        help_text="Of each stretch of an old curve first, last, lowest and highest stay.",
    )
    quota_mb = forms.IntegerField(
        label="Quota in MB",
        min_value=0,
        max_value=MAX_QUOTA_MB,
        required=False,
        help_text="0 is no limit; empty is HELIOS_QUOTA_MB.",
    )
    automatic = forms.BooleanField(label="Compact once a day by itself", required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        days = {
            _field(part.name): forms.IntegerField(
                label=f"Archive {part.rows} after, in days",
                min_value=0,
                max_value=MAX_DAYS,
                required=False,
                help_text="Empty is never.",
            )
            for part in floors.PARTS.values()
        }
        self.fields = days | self.fields

    @classmethod
    def of(cls, policy: Policy) -> "PolicyForm":
        """The form as the policy is now."""
        days = {_field(name): policy.days_of(name) for name in floors.PARTS}
        rest = ("stretch", "quota_mb", "automatic")
        return cls(initial=days | {name: getattr(policy, name) for name in rest})

    @property
    def change(self) -> dict[str, Any]:
        """What `policies.change_policy` is to be told."""
        chosen = self.cleaned_data
        ages = {name: chosen[_field(name)] for name in floors.PARTS}
        rest = ("stretch", "quota_mb", "automatic")
        return {"ages": ages, **{name: chosen[name] for name in rest}}


def _field(part: str) -> str:
    return f"{part}_days"

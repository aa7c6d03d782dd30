"""The form of a note."""

from django import forms

from memory.services import MAX_NOTE


class NoteForm(forms.Form):
    """A note, about a model or a session when one is named."""

    text = forms.CharField(
        label="Note", max_length=MAX_NOTE, widget=forms.Textarea(attrs={"rows": 3})
    )
    model_name = forms.CharField(label="About model", max_length=80, required=False)
    session_id = forms.IntegerField(
        label="About session", min_value=0, max_value=2**63 - 1, required=False
    )

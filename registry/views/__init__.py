"""The pages of the registry (`pages`) and what a person does on them (`acts`)."""

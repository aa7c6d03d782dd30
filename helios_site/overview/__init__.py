"""What the overview says, read from stored rows: nothing is computed here that was not measured."""

"""SQLite as Helios uses it: a Django database backend that notices what became of its file."""

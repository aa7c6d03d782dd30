"""The pages that know every app: overview, search, settings, help and status."""

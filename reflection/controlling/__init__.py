"""Controls of the instrument as pure functions: simulated histories through the whole pipeline. No Django."""

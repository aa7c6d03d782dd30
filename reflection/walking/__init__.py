"""Walk-forward replays as a pure function: history and settings in, a gain for every draw out. No Django."""

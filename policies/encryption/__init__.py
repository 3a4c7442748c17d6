"""Under which key things are kept."""

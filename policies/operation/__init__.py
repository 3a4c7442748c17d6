"""That what runs ends in time, loses nothing, and can be followed."""

"""Measurements of what the domain decides, and the generators of the data that it decides by."""

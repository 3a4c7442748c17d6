"""Rehearsed failures as data, one runner, and the report."""

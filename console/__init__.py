"""The `stackmend` command that an operator types."""

"""Where a resource may land."""

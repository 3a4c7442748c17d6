"""Who may reach a resource, and how."""

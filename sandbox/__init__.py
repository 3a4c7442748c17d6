"""AWS on this machine, and nothing that a real deployment uses."""

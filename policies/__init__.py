"""What every deployment is held to, by the engine, before a resource is touched; it knows nothing of the components."""

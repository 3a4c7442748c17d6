"""A custom resource that fails on demand, and the stacks that use it: failures made the way they happen on AWS."""

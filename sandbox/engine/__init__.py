"""The Pulumi engine: the installed one, or one built here once."""

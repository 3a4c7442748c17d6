"""What roles may do, and who may take them on."""

"""Ways from a failed stack to a healthy one; one module each."""

"""That what is kept survives mistakes and regions, and ends when it should."""

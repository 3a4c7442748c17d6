"""Real failure messages, labelled; see README.md."""

"""One module per addition: `install()` hooks it into the emulator of this process. The list is in additions.py."""

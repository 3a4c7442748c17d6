"""AWS on this machine: the emulator in a process of its own, what we add to it, and the record of every call."""

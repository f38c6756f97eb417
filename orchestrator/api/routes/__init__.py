"""One module per thing a client can ask about; each has a ``router``."""

"""The one place that wires parts together: what the command line, and later the API, call."""

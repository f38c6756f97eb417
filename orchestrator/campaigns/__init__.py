"""Bundled campaign specs, runnable by name."""

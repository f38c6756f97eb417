"""Nightshift: an autonomous experiment orchestrator for self-driving labs."""

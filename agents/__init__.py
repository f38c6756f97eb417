"""Agents: each suggests the next point."""

"""Figures for Prometheus: what the requests cost, and how the campaigns stand."""

"""Agents against other people's optimisers, on tasks fixed beforehand: measured by ``nightshift bench``, never asserted."""

"""Campaigns over samples: one instrument, kept through the night, on which one part after another is driven."""

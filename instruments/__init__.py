"""Instruments: devices plus the plans that measure a point."""

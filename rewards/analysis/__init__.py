"""Analysers: pure array functions that turn one raw signal into named features."""

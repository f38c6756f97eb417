"""Fakes, contract checks and strategies for plug-in authors. Never imported at run time."""

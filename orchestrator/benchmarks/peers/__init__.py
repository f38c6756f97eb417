"""Thin adapters to other people's optimisers, each used as its own documentation has it, defaults kept.

Each module has ``make(space, objectives, seed, reference)``, ``refusal(space, objectives)``, which says why a task cannot be
played at all, and ``POOL``, which says how a pool is treated. Nothing is imported before an engine is made.
"""

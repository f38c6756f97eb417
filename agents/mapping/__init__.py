"""Mapping: the next measurement is where it most improves the whole map, a level set or a boundary."""

from agents.mapping.agent import MappingAgent

__all__ = ["MappingAgent"]

"""A random forest and an upper confidence bound: the baseline of the self-driving laboratories."""

from agents.random_forest.agent import RandomForestAgent

__all__ = ["RandomForestAgent"]

"""Bayesian optimisation as BoTorch's front page shows it: its default model, log expected improvement, its optimiser."""

from agents.botorch_default.agent import BotorchDefaultAgent

__all__ = ["BotorchDefaultAgent"]

"""Blop's optimizers under our engine, and our agents under blop's plans. Blop itself is imported by nothing here."""

from orchestrator.blop_adapters.asktell_optimizer import AskTellOptimizer
from orchestrator.blop_adapters.optimizer_agent import OptimizerAgent

__all__ = ["AskTellOptimizer", "OptimizerAgent"]

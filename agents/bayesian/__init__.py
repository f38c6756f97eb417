"""Bayesian optimisation: a Gaussian process predicts, an acquisition function weighs promise against ignorance."""

from agents.bayesian.agent import BayesianAgent

__all__ = ["BayesianAgent"]

"""Rewards: each judges an observation."""

"""The loop: decide purely, act at the edge."""

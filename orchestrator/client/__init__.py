"""A small typed client of the control plane."""

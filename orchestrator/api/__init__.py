"""The control plane over HTTP. It never measures, never suggests and never appends to a campaign: it reads, and sends commands."""

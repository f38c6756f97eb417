"""Where ledger events, leases, commands and artefacts are kept."""

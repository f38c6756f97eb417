"""Why this point; why it stopped. Reads only the ledger."""

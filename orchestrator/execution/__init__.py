"""The RunEngine in its own killable process, and what its documents say."""

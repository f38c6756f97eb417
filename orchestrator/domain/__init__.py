"""The words Nightshift is written in: values and pure functions, no I/O, no clock, no randomness of their own."""

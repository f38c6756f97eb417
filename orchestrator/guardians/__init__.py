"""Guardians: each may refuse a point or a reading; none suggests or alters one."""

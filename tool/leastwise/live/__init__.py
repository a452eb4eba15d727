"""Asks AWS what it holds now: a user, role or permission set -> its ``LiveState``."""

"""Enums that are parts of keys."""

from __future__ import annotations

from enum import Enum


class Word(Enum):
    """An enum that is hashed by identity, as there is one object for each member.

    ``Enum`` hashes a member's name by a function in Python, three times for every look at an observation.
    """

    __hash__ = object.__hash__

"""Calls whose requests hang on more than their name: one module for each service that has such calls.

Each module has ``requests(call, record)``, which gives the requests of a call or ``None`` where the general
ladder of ``resources`` is right.
"""

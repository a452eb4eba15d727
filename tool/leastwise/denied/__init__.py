"""Denied calls: which show a missing grant, which were lost by an apply, and how much of it comes back."""

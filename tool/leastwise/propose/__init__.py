"""Findings -> proposals: the smallest edit that says what was found, with its proof, or why there is none."""

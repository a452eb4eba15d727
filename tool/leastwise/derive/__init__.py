"""Evidence -> policy: what was used, as statements a person would be glad to review."""

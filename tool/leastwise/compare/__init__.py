"""Policy x evidence -> findings: what is used, what is not, and what nobody can say."""

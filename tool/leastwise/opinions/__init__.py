"""AWS's own checks as a second opinion on a proposal that is proved already."""

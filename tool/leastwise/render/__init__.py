"""Values -> text: Markdown for pull requests, text for terminals, JSON for programs.  Pure."""

"""What each command does, free of how it is typed: ``cli`` parses and prints, these work."""

"""What README.md and docs/ say, held against the commands, files and schemas that they speak of."""

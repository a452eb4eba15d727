"""What is live x what is committed -> what differs, and the files as they are live."""

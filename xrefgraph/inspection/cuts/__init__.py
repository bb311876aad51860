"""What parts two people, what it costs, and who is suspected."""

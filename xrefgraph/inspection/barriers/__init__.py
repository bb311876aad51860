"""What keeps two profiles apart, and what is near."""

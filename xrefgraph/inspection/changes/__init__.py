"""What is different between two results, and why."""

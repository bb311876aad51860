"""Raw profiles settled again under other decisions, and what would change."""

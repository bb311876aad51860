"""What one profile, or several, say: identifiers, events and links as arrays; routes, meetings, thin places."""

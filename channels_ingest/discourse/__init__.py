"""What the Discourse connector is made of: the forum's API, its posts, its mark-up. No Django."""

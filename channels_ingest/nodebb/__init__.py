"""What the NodeBB connector is made of: the forum's API, its posts, its chats. No Django."""

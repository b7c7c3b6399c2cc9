"""What the feed connector is made of: fetching with care, and reading entries. No Django."""

"""What the Weibo connector is made of: its API, its pushes, its public posts. No Django."""

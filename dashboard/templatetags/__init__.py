"""What the templates may ask for."""

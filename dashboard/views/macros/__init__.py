"""The pages on which people write and keep their macros."""

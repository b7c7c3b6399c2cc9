"""A PostgreSQL backend for tests that empties only the tables in which something stands."""

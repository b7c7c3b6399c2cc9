"""The PostgreSQL and the Redis that start by themselves when no URL is given."""

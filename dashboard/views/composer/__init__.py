"""What an answer is made of, and what becomes of it: one module a resource."""

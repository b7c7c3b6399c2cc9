"""The pages of the desk, one module for each thing that they are about."""

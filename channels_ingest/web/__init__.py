"""The doors that we own: the public form and the private page of a case."""

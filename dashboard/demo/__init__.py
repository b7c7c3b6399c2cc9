"""A believable desk to look at: people, doors and some weeks of cases, loaded once."""

"""The help centre: articles, search and service notices, one address for each language."""

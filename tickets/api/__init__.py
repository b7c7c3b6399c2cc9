"""The REST face of the domain: translate in, one call, translate out; nothing is decided here."""

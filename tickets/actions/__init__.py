"""Everything that may happen to a ticket: the only code that changes one."""

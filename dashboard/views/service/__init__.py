"""What is promised to customers: policies and calendars, for managers."""

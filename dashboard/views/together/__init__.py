"""What colleagues do together: promises, people at a case, notices, hand-overs."""

"""Whether reports are alike and complete: the rules, and how often they are right."""

"""Who gets which case: rules, people, the words that call a lead."""

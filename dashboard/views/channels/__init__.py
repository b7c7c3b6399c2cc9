"""The doors themselves: which there are, how they fare, what they were given and took in."""

"""What agents and managers see."""

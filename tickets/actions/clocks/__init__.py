"""The clocks of cases: kept with every change, told when they run out, renewed with the terms."""

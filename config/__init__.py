"""How the parts are switched on; no behaviour of the desk itself lives here."""

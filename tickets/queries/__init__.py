"""Reads for the screens: the inbox, one case, search. Nothing here changes anything."""

"""One action on many cases: begun from a list, followed, stopped and taken back on its page."""

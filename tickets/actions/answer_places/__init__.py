"""Have the answer go where a customer of a chat wants it, once the address is proved to be theirs.

Naming an address does the same whoever has it. Only a worker looks whether somebody is known by it,
and writes there once, saying nothing of the case.
"""

from .naming import channel_for, confirm, name_address, place_of, try_code
from .settling import settle_due

__all__ = ["channel_for", "confirm", "name_address", "place_of", "settle_due", "try_code"]

"""Keep how somebody wants their desk."""

from typing import Any

from ..models import User
from ..preferences import Preferences


def prefer(*, user: User, **choices: Any) -> Preferences:
    """Keep `choices` beside what the user chose before and return all of them.

    Raises TypeError for a preference that does not exist.
    """
    Preferences(**choices)
    user.preferences = {**user.preferences, **choices}
    user.save(update_fields=["preferences"])
    return Preferences.read(user.preferences)

"""The triage model that counts now."""

import logging

from django.db import Error

from tickets.models import TriageModel
from tickets.triage import Model, NotAModel, starter_model

logger = logging.getLogger(__name__)

_read: dict[int, Model] = {}  # the active model of this process, by its row


def current_model() -> Model:
    """The active model, or the starter where none is active or it cannot be read.

    One small query tells whether another became active; weights are read once a process.
    """
    active = TriageModel.objects.filter(is_active=True).values_list("pk", flat=True).first()
    if active is None:
        return starter_model()
    if active not in _read:
        _read.clear()
        _read[active] = _loaded(active)
    return _read[active]


def model_at_hand() -> Model:
    """Like `current_model`, but content with the starter where no database answers."""
    try:
        return current_model()
    except Error:
        return starter_model()


def _loaded(key: int) -> Model:
    weights = TriageModel.objects.filter(pk=key).values_list("weights", flat=True).first()
    try:
        return Model.load(bytes(weights or b""))
    except NotAModel as error:
        # An older program may meet a newer model: it works on with the one that it knows.
        logger.warning("triage model %s cannot be read: %s", key, error)
        return starter_model()

"""Keep trained triage models, and say which of them counts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ..models import TriageModel
from ..triage import Model
from .refusals import Refused

MOST_KEPT = 10


def keep_model(*, model: Model, scores: Mapping[str, Any], now: datetime) -> TriageModel:
    """Store a trained model, not yet active. Of the idle ones only the newest are kept."""
    with transaction.atomic():
        kept = TriageModel.objects.create(
            version=model.version, weights=model.dump(), scores=dict(scores), made_at=now
        )
        idle = TriageModel.objects.filter(is_active=False).order_by("-made_at", "-pk")
        surplus = list(idle.values_list("pk", flat=True)[MOST_KEPT:])
        TriageModel.objects.filter(pk__in=surplus).delete()
    return kept


def activate_model(*, version: str, now: datetime) -> TriageModel:
    """Let a kept model count from now on, in all processes. Raises Refused("unknown_value")."""
    with transaction.atomic():
        chosen = TriageModel.objects.select_for_update().filter(version=version).first()
        if chosen is None:
            raise Refused("unknown_value", value=version)
        _let_none_count()
        chosen.is_active, chosen.activated_at = True, now
        chosen.save(update_fields=["is_active", "activated_at"])
    return chosen


def go_back() -> TriageModel | None:
    """Let the model count that did before the active one; None stands for the starter model."""
    with transaction.atomic():
        active = TriageModel.objects.select_for_update().filter(is_active=True).first()
        if active is None:
            return None
        _let_none_count()
        earlier = TriageModel.objects.filter(activated_at__lt=active.activated_at)
        before = earlier.order_by("-activated_at").first()
        if before is not None:
            before.is_active = True
            before.save(update_fields=["is_active"])
    return before


def _let_none_count() -> None:
    TriageModel.objects.filter(is_active=True).update(is_active=False)

"""`manage.py train_triage`: versions, switching, going back, and what cases teach."""

import json
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoAssertNumQueries

from tests import factories
from tests.factories import NOW
from tests.tickets.triage.test_triage_training import ROWS
from tickets.actions import lifecycle
from tickets.actions.triage_models import MOST_KEPT, activate_model, go_back, keep_model
from tickets.actor import SYSTEM, Actor
from tickets.models import Ticket, TriageModel
from tickets.predictions import TASKS
from tickets.queries.training import labelled_cases
from tickets.queries.triage_model import current_model
from tickets.triage import starter_model
from tickets.triage.training import train

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    lines = [
        json.dumps({"text": row.text, "category": row.category, "urgency": row.urgency})
        for row in ROWS
    ]
    (tmp_path / "ours.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def told(*arguments: str) -> str:
    out = StringIO()
    call_command("train_triage", *arguments, stdout=out)
    return out.getvalue()


def solved(text: str, category: str, *, by: Actor = SYSTEM, priority: str = "") -> Ticket:
    ticket = factories.ticket(text=text)
    lifecycle.set_category(ticket=ticket, category=category, by=by, now=NOW)
    if priority:
        lifecycle.set_priority(ticket=ticket, priority=priority, by=by, now=NOW)
    return lifecycle.resolve(ticket=ticket, by=by, now=NOW)


def test_training_makes_a_version_that_counts_at_once(folder: Path) -> None:
    said = told("--material", str(folder), "--folds", "3")

    active = TriageModel.objects.get(is_active=True)
    assert f"active: {active.version}" in said
    assert "macro-F1" in said
    assert "<- chosen" in said
    assert current_model().version == active.version
    assert f"* {active.version}" in told("--list")


def test_kept_version_counts_only_once_it_is_activated(folder: Path) -> None:
    told("--material", str(folder), "--folds", "3", "--keep-only")
    assert current_model() is starter_model()

    told("--activate", TriageModel.objects.get().version)

    assert current_model().version == TriageModel.objects.get().version


def test_unknown_version_is_refused() -> None:
    with pytest.raises(CommandError, match="no version"):
        told("--activate", "nonsense")


def test_texts_that_teach_too_little_are_refused(folder: Path) -> None:
    with pytest.raises(CommandError, match="too few"):
        told("--material", str(folder), "--folds", "50")


def test_going_back_leads_from_version_to_version_to_the_starter() -> None:
    for days, version in enumerate(("one", "two")):
        model = train(ROWS, version=version, folds=2).model
        keep_model(model=model, scores={}, now=NOW)
        activate_model(version=version, now=NOW + timedelta(days=days))

    assert "one" in told("--back")
    assert current_model().version == "one"
    assert "starter" in told("--back")
    assert current_model() is starter_model()
    assert go_back() is None
    assert "* starter" in told("--list")


def test_asking_for_the_model_again_costs_one_small_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    keep_model(model=train(ROWS, version="one", folds=2).model, scores={}, now=NOW)
    activate_model(version="one", now=NOW)
    current_model()

    with django_assert_num_queries(1):
        current_model()


def test_weights_that_cannot_be_read_leave_the_starter_in_charge() -> None:
    TriageModel.objects.create(
        version="odd", weights=b"?", made_at=NOW, activated_at=NOW, is_active=True
    )

    assert current_model() is starter_model()


def test_only_the_newest_idle_versions_are_kept() -> None:
    model = train(ROWS, version="new", folds=2).model
    for n in range(MOST_KEPT + 2):
        TriageModel.objects.create(version=f"v{n}", weights=b"", made_at=NOW + timedelta(n))

    keep_model(model=model, scores={}, now=NOW + timedelta(days=99))

    assert TriageModel.objects.count() == MOST_KEPT
    assert TriageModel.objects.filter(version="new").exists()


def test_cases_teach_what_people_decided_and_nothing_personal() -> None:
    ada = Actor.of(factories.ada())
    solved("Bounced again, call me at 13912345678", "sending_receiving", by=ada, priority="high")
    solved("Set by a rule, so nobody looked", "attachments")
    factories.ticket(text="Still open", category="attachments")
    merged = solved("Merged away later on", "attachments", by=ada)
    Ticket.objects.filter(pk=merged.pk).update(merged_into=factories.ticket())

    (row,) = labelled_cases()

    assert (row.category, row.urgency, row.source) == ("sending_receiving", "high", "desk")
    assert row.text.startswith("Bounced again")
    assert "139" not in row.text
    assert list(labelled_cases(since=NOW + timedelta(days=1))) == []


def test_cases_of_this_desk_are_learned_from(folder: Path) -> None:
    solved("附件又传不上去", "attachments", by=Actor.of(factories.ada()))

    assert "1 cases of this desk" in told("--material", str(folder), "--folds", "3")
    assert TriageModel.objects.get().scores["rows"]["desk"] == 1


def test_prediction_names_category_and_urgency() -> None:
    said = TASKS["triage"]({"id": "1", "lang": "zh", "text": "附件上传失败"})

    assert said == {"id": "1", "category": "attachments", "urgency": "normal"}

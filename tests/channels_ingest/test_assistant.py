"""The optional language model: what it is told, what is believed, and what happens without it."""

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from channels_ingest import assistant, tasks
from channels_ingest.sandbox.base import Answer, Call, Emulator, as_json
from tests import factories
from tickets.models import Triage
from tickets.triage import starter_model

pytestmark = pytest.mark.django_db

GOOD = {"category": "billing_enterprise", "urgency": "high", "confidence": 0.93}


class LanguageModel(Emulator):
    """A server that speaks the interface and says whatever it was told to say."""

    name = "language model"
    says: Any = GOOD

    def answer(self, call: Call) -> Answer:
        content = self.says if isinstance(self.says, str) else json.dumps(self.says)
        return as_json({"choices": [{"message": {"role": "assistant", "content": content}}]})


@pytest.fixture
def server(settings: Settings) -> Iterator[LanguageModel]:
    assistant.resume()
    with LanguageModel() as server:
        settings.LLM_URL = server.url
        settings.LLM_KEY = "a key"
        settings.LLM_MODEL = "small"
        settings.LLM_TIMEOUT = 1
        yield server
    assistant.resume()


def test_without_an_address_nobody_is_asked(server: LanguageModel, settings: Settings) -> None:
    settings.LLM_URL = ""

    found = assistant.assess("附件上传失败")

    assert (found.category, found.model) == ("attachments", starter_model().version)
    assert server.calls == []


def test_answer_of_the_language_model_counts(server: LanguageModel) -> None:
    found = assistant.assess("发票开错了")

    assert (found.category, found.urgency, found.confidence) == ("billing_enterprise", "high", 0.93)
    assert (found.model, found.abstains) == ("remote:small", False)
    (call,) = server.calls
    assert (call.method, call.path) == ("POST", "/v1/chat/completions")
    assert call.headers["authorization"] == "Bearer a key"


def test_workers_ask_it_about_new_cases(server: LanguageModel) -> None:
    ticket = factories.ticket(text="发票开错了", at=timezone.now() - timedelta(minutes=1))

    tasks.triage_cases()

    assert Triage.objects.get(ticket=ticket).model == "remote:small"


def test_personal_data_never_leaves_the_house(server: LanguageModel) -> None:
    assistant.assess("退款到 kim@mail.example，电话 13912345678，案号 QM-4821-0937-10")

    sent = json.dumps(server.calls[0].json(), ensure_ascii=False)
    assert "退款" in sent
    assert not any(secret in sent for secret in ("kim@", "13912345678", "4821"))


def test_unsure_answer_abstains(server: LanguageModel) -> None:
    server.says = {**GOOD, "confidence": 0.2}

    assert assistant.assess("嗯").abstains


def test_answer_in_a_fence_is_read(server: LanguageModel) -> None:
    server.says = f"```json\n{json.dumps(GOOD)}\n```"

    assert assistant.assess("发票").model == "remote:small"


@pytest.mark.parametrize(
    "says",
    [
        "I would say it is about billing.",
        "[]",
        "null",
        '{"category": "billing_enterprise"}',
        {**GOOD, "category": "complaints_department"},
        {**GOOD, "category": ["other"]},
        {**GOOD, "urgency": "apocalyptic"},
        {**GOOD, "confidence": 7},
        {**GOOD, "confidence": float("nan")},
        {**GOOD, "confidence": "very"},
        "[" * 5000,
        "x" * (assistant.LARGEST + 1),
    ],
)
def test_nonsense_leaves_the_decision_to_our_own_model(server: LanguageModel, says: Any) -> None:
    server.says = says

    assert assistant.assess("附件上传失败").model == starter_model().version


@pytest.mark.parametrize(
    "fault",
    [
        {"status": 500},
        {"status": 429},
        {"status": 302, "headers": {"Location": "/elsewhere"}},
        {"status": 200, "body": "{"},
        {"drop": True},
        {"hold": True},
    ],
    ids=["500", "429", "redirect", "half", "dropped", "slow"],
)
def test_broken_server_leaves_the_decision_to_our_own_model(
    server: LanguageModel, fault: dict[str, Any]
) -> None:
    server.fail(**fault)

    found = assistant.assess("附件上传失败")

    assert (found.category, found.model) == ("attachments", starter_model().version)
    assert len(server.calls) == 1


def test_after_a_failure_nobody_waits_for_a_while(server: LanguageModel) -> None:
    server.fail(status=500)
    assistant.assess("退信")

    assistant.assess("退信")

    assert len(server.calls) == 1
    assistant.resume()
    assert assistant.assess("退信").model == "remote:small"


def test_server_that_is_not_there_is_no_obstacle(server: LanguageModel, settings: Settings) -> None:
    settings.LLM_URL = "http://127.0.0.1:9"

    assert assistant.assess("退信 550").category == "sending_receiving"

"""The page behind the link in an owner's mail: GET asks, POST decides, dead links say so."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.tickets.cast import case, claim_on
from tickets.actions import claims
from tickets.actor import SYSTEM
from tickets.case_numbers import format_number
from tickets.models import ClaimQuestion, Conversation

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim() -> Conversation:
    return claim_on(case("kim", at=timezone.now()), at=timezone.now())


def link_of(claim: Conversation) -> str:
    question = claims.ask_owner(conversation=claim, by=SYSTEM, now=timezone.now())
    return claims.question_link(question).removeprefix("http://testserver")


def said(page: bytes) -> str:
    """What the page says, without its head and foot."""
    found = re.search(r"<main.*</main>", page.decode(), re.DOTALL)
    return found.group() if found else ""


def press(client: Client, link: str, answer: str) -> int:
    page = client.get(link)
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert token is not None
    body = {"answer": answer, "csrfmiddlewaretoken": token.group(1)}
    return client.post(link, body).status_code


def test_opening_the_link_decides_nothing(claim: Conversation) -> None:
    page = Client().get(link_of(claim))

    claim.refresh_from_db()
    assert page.status_code == 200
    assert claim.is_pending_claim


@pytest.mark.parametrize(("answer", "state"), [("yes", "verified"), ("no", "rejected")])
def test_owner_decides_by_a_button(claim: Conversation, answer: str, state: str) -> None:
    status = press(Client(enforce_csrf_checks=True), link_of(claim), answer)

    claim.refresh_from_db()
    assert status == 200
    assert claim.claim == state


def test_page_tells_neither_who_wrote_nor_what(claim: Conversation) -> None:
    page = Client().get(link_of(claim)).content.decode()

    assert claim.channel.label in page
    assert "stranger" not in page
    assert "有进展" not in page


def test_answered_link_shows_the_answer_and_takes_no_other(claim: Conversation) -> None:
    link = link_of(claim)
    own_number = format_number(claim.via_number)
    press(Client(enforce_csrf_checks=True), link, "no")

    assert own_number in Client().get(link).content.decode()
    assert Client().post(link, {"answer": "yes"}).status_code == 410
    assert ClaimQuestion.objects.get().answer == "no"


def test_old_and_forged_links_look_alike(claim: Conversation) -> None:
    link = link_of(claim)
    ClaimQuestion.objects.update(link_until=timezone.now())
    old = Client().get(link)
    forged = Client().get(link[:-2] + "!/")

    assert old.status_code == forged.status_code == 410
    assert said(old.content) == said(forged.content) != ""


def test_answer_without_the_forms_token_is_refused(claim: Conversation) -> None:
    link = link_of(claim)

    refused = Client(enforce_csrf_checks=True).post(link, {"answer": "yes"})

    claim.refresh_from_db()
    assert refused.status_code == 403
    assert claim.is_pending_claim

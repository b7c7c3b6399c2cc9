"""The form behind an invitation: it shows nothing of the case, and what it brings is a claim."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from channels_ingest import api
from channels_ingest.models import Envelope
from tests.channels_ingest.doors import drain
from tests.channels_ingest.test_web_pages import Visitor
from tests.own_cache import empty_cache
from tests.tickets import cast
from tickets.actions.identities import mark_compromised
from tickets.actions.inviting import private_link
from tickets.models import Channel, Conversation

pytestmark = pytest.mark.django_db

SECRET = "规则保存不了，刷新后就没了"


@pytest.fixture(autouse=True)
def surroundings(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    empty_cache()


@pytest.fixture
def web(db: None) -> Channel:
    return api.create_channel(kind="web_form", slug="web", values={}, now=timezone.now()).channel


@pytest.fixture
def post(web: Channel) -> Conversation:
    cast.door("forum", is_public=True, capabilities={"invites": "link"})
    return cast.only_conversation(cast.case("kim", SECRET, by="forum", at=timezone.now()))


def link(post: Conversation) -> str:
    return private_link(post, now=timezone.now()).removeprefix("http://testserver")


def private(post: Conversation) -> Conversation:
    return Conversation.objects.exclude(pk=post.pk).get()


def test_page_shows_nothing_of_the_case(post: Conversation) -> None:
    visitor = Visitor().opens(link(post))

    assert SECRET not in visitor.html
    assert post.ticket.number[-6:] not in visitor.html
    assert cast.printed(post.ticket) not in visitor.html


def test_opening_the_page_stores_nothing(post: Conversation) -> None:
    Visitor().opens(link(post))

    assert not Envelope.objects.exists()


def test_what_is_sent_becomes_a_claim_on_the_case(post: Conversation) -> None:
    visitor = Visitor().opens(link(post))

    fields = visitor.fields(message="My phone is 13812340192", name="Kim")
    visitor.follows(visitor.posts(fields, link(post)))
    drain(timezone.now())

    claim = private(post)
    assert claim.ticket == post.ticket
    assert claim.is_pending_claim
    assert claim.identity.name == "Kim"
    assert claim.messages.get().text == "My phone is 13812340192"


def test_page_of_the_claim_shows_its_own_number_and_own_words_only(post: Conversation) -> None:
    visitor = Visitor().opens(link(post))
    address = visitor.follows(visitor.posts(visitor.fields(message="It is me"), link(post)))
    drain(timezone.now())

    visitor.opens(address)

    assert visitor.number() == f"QM-{private(post).claim_number[:4]}-" + "-".join(
        (private(post).claim_number[4:8], private(post).claim_number[8:])
    )
    assert "It is me" in visitor.html
    assert SECRET not in visitor.html
    assert cast.printed(post.ticket) not in visitor.html


def test_empty_form_is_given_back(post: Conversation) -> None:
    visitor = Visitor().opens(link(post))

    answer = visitor.posts(visitor.fields(message="  "), link(post))

    assert answer.status_code == 422
    assert not Envelope.objects.exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_dead_link_says_so_and_takes_nothing(post: Conversation, method: str) -> None:
    address = link(post)
    mark_compromised(identity=post.identity, by=cast.ada(), now=timezone.now())

    answer = getattr(Client(), method)(address, {"message": "hello"})

    assert answer.status_code == 410
    assert not Envelope.objects.exists()


def test_page_is_kept_out_of_caches_and_search(post: Conversation) -> None:
    visitor = Visitor().opens(link(post))

    assert "no-store" in visitor.page["Cache-Control"]
    assert 'name="robots" content="noindex"' in visitor.html

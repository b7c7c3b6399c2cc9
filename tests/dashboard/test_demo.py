"""The demo: a believable desk, loaded once through the real intake and actions."""

import json
import stat
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from channels_ingest import api
from channels_ingest.audit import audit
from channels_ingest.models import ChannelAccount
from channels_ingest.sandbox.discourse import Forum
from dashboard.demo.doors import DOORS, kept_wiring, wiring_path
from dashboard.demo.loading import NoDemo, load, sandbox_folder
from dashboard.demo.memory import Clock, kept_posts, read_forum, restore_forum
from dashboard.demo.people import PEOPLE, demo_password
from dashboard.demo.servers import children
from dashboard.demo.stage import Stage
from dashboard.demo.wiring import read_wiring
from tickets.models import (
    Acknowledgement,
    Alias,
    Attachment,
    Channel,
    Conversation,
    Delivery,
    Link,
    Message,
    Move,
    Ticket,
    User,
)

NOW = timezone.now()


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Stage]:
    """The demo in a transaction that outlives single tests: they only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        stage = load(now=NOW)
        assert stage is not None
        yield stage
        transaction.set_rollback(True)


def test_there_are_some_hundred_cases_over_weeks_in_three_languages(demo: Stage) -> None:
    cases = Ticket.objects.all()
    opened = cases.order_by("created_at").values_list("created_at", flat=True)
    languages = Counter(cases.values_list("language", flat=True))

    assert len(opened) > 110
    assert opened[0] < NOW - timedelta(days=30)
    assert opened[len(opened) - 1] > NOW - timedelta(minutes=30)
    assert languages["zh-hans"] > languages["en"] > languages["ja"] > 10


def test_every_view_of_the_desk_has_something_to_show(demo: Stage) -> None:
    states = Counter(Ticket.objects.values_list("state", flat=True))
    claims = Counter(Conversation.objects.values_list("claim", flat=True))
    sent = Counter(Delivery.objects.values_list("state", flat=True))
    channels = set(Conversation.objects.values_list("channel__slug", flat=True))

    assert min(states[each] for each in ("open", "pending", "snoozed", "closed")) >= 2
    assert min(claims[each] for each in ("pending", "verified", "rejected")) >= 1
    assert min(sent[each] for each in ("sent", "read", "failed", "unknown")) >= 1
    assert channels == {slug for slug, *_rest in DOORS}
    assert set(Ticket.objects.values_list("review", flat=True)) >= {"unknown", "invalid"}
    assert Move.objects.filter(undone_at__isnull=False).exists()
    assert Move.objects.filter(undone_at=None, kind="merge").exists()
    assert Message.objects.filter(edited_at__isnull=False).exists()
    assert Message.objects.filter(recalled_at__isnull=False).exists()
    assert Link.objects.filter(kind="duplicate").exists()
    assert Attachment.objects.filter(content_type="image/png", size__gt=500).exists()
    assert Ticket.objects.filter(assignee=None, state="open").exists()


def test_every_message_lands_on_the_case_of_its_story(demo: Stage) -> None:
    assert demo.astray == []


def test_audit_finds_nothing_wrong(demo: Stage) -> None:
    findings = audit(now=NOW, patience=timedelta(0))

    assert [str(each) for each in findings if not each.holds] == []


def test_nothing_is_left_that_a_worker_would_send(demo: Stage) -> None:
    due = Acknowledgement.objects.filter(state="due", due_at__lt=NOW - timedelta(minutes=1))

    assert not Delivery.objects.filter(state__in=("queued", "started")).exists()
    assert not due.exists()


def test_nothing_happens_in_the_future(demo: Stage) -> None:
    assert not Message.objects.filter(created_at__gt=NOW).exists()
    assert not Ticket.objects.filter(last_activity_at__gt=NOW).exists()


def test_second_load_changes_nothing(demo: Stage) -> None:
    before = Message.objects.count(), Alias.objects.count(), User.objects.count()

    again = load(now=NOW + timedelta(days=1))

    assert again is None
    assert (Message.objects.count(), Alias.objects.count(), User.objects.count()) == before


def test_every_account_signs_in_with_the_printed_password(demo: Stage) -> None:
    out = StringIO()

    call_command("demo", stdout=out)

    assert demo_password() in out.getvalue()
    for person in PEOPLE:
        assert person.email in out.getvalue()
        assert authenticate(username=person.email, password=demo_password()) is not None


def test_forum_emulator_remembers_every_post_under_its_number(demo: Stage) -> None:
    clock, kept = Clock(), read_forum(sandbox_folder())
    with Forum(clock=clock) as forum:
        restore_forum(forum, clock, kept)

        posts = Message.objects.filter(channel__slug="forum", direction="inbound")
        for message in posts.filter(recalled_at=None):
            post = forum.posts[int(message.external_id.removeprefix("post:"))]
            thread = message.conversation.thread if message.conversation else ""
            assert (post.raw, str(post.topic.id)) == (message.text, thread)
        assert kept_posts(forum) == json.loads(json.dumps(kept))


def test_answer_on_the_forum_is_known_by_its_place_there(demo: Stage) -> None:
    clock = Clock()
    with Forum(clock=clock) as forum:
        restore_forum(forum, clock, read_forum(sandbox_folder()))
        places = {f"topic:{p.topic.id}:{p.post_number}": p for p in forum.posts.values()}

        for delivery in Delivery.objects.filter(channel__slug="forum"):
            assert places[delivery.external_id].raw == delivery.message.text


def test_every_vendor_of_the_demo_is_a_channel_of_its_own_kind(demo: Stage) -> None:
    channels = dict(Channel.objects.values_list("slug", "kind"))

    assert channels == {slug: kind for slug, kind, *_rest in DOORS}


def test_sandbox_listens_where_the_channels_call(demo: Stage) -> None:
    (child,) = children()

    wiring = read_wiring(wiring_path())
    assert wiring is not None
    assert child.name == "sandbox"
    assert f"--wiring={wiring_path()}" in child.words
    accounts = {each.channel.slug: each.settings for each in accounts_of_demo()}
    assert accounts["mail"]["imap_port"] == wiring.ports["imap"]
    assert accounts["mail"]["smtp_port"] == wiring.ports["smtp"]
    assert accounts["forum"]["base_url"] == wiring.url("forum")
    assert accounts["qq"]["api_base"] == wiring.url("qq")
    assert accounts["wechat"]["host"] == wiring.url("wechat")
    assert accounts["weibo"]["message_base"] == f"{wiring.url('weibo')}/2"


def test_vendors_push_to_the_desk_on_this_machine(demo: Stage) -> None:
    children()

    wiring = read_wiring(wiring_path())
    assert wiring is not None
    assert set(wiring.callbacks) == {"forum", "qq", "wechat", "weibo"}
    for vendor, address in wiring.callbacks.items():
        assert address.startswith(f"http://127.0.0.1:{settings.PORT}/hooks/{vendor}/")


def test_what_the_sandbox_is_told_is_for_this_user_only(demo: Stage) -> None:
    (child,) = children()

    assert stat.S_IMODE(wiring_path().stat().st_mode) == 0o600
    assert kept_wiring().secret not in " ".join(child.words)


def test_taken_port_is_changed_in_the_channel_too(demo: Stage) -> None:
    before = kept_wiring()
    with Forum(port=before.ports["forum"]) as somebody, transaction.atomic():
        children()

        moved = ChannelAccount.objects.get(channel__slug="forum").settings["base_url"]
        transaction.set_rollback(True)
    assert moved != somebody.url
    assert moved == kept_wiring().url("forum")


def test_demo_of_an_earlier_version_gets_the_doors_that_it_lacks(demo: Stage) -> None:
    with transaction.atomic():
        Channel.objects.filter(slug="qq").update(slug="qq-before")
        Channel.objects.filter(slug="weibo").update(slug="weibo-before")

        children()

        assert Channel.objects.get(slug="qq").kind == "qq"
        assert Channel.objects.get(slug="weibo").kind == "weibo"
        transaction.set_rollback(True)


def test_channel_that_somebody_made_under_a_name_of_the_demo_is_left_alone(demo: Stage) -> None:
    with transaction.atomic():
        Channel.objects.filter(slug="qq").update(slug="qq-before")
        api.create_channel(kind="http", slug="qq", values={}, now=NOW)

        children()

        assert Channel.objects.get(slug="qq").kind == "http"
        transaction.set_rollback(True)


def accounts_of_demo() -> QuerySet[ChannelAccount]:
    return ChannelAccount.objects.select_related("channel")


@pytest.mark.django_db
def test_demo_is_refused_outside_a_demo(settings: Settings) -> None:
    settings.DEMO = False

    with pytest.raises(NoDemo):
        load(now=NOW)
    with pytest.raises(CommandError, match="DEMO is off"):
        call_command("demo")
    assert not User.objects.exists()
    assert children() == []

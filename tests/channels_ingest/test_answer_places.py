"""A chat outside working hours: the answer goes to an address once it is proved, over real mail."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from channels_ingest import audit
from channels_ingest.sandbox.email import MailServer
from tests import factories
from tests.channels_ingest.chatting import (
    Visitor,
    chat_channel,
    host_token,
    nobody_is_at_work,
    somebody_is_at_work,
)
from tests.channels_ingest.mail_door import (
    answers_by_mail,
    code_in,
    link_in,
    mail_channel,
    mails,
    settle,
)
from tickets import masking
from tickets.actions import answer_places, identities, linking
from tickets.actions.refusals import Refused
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.models import (
    AnswerPlace,
    Channel,
    Conversation,
    History,
    Identity,
    IdentityStatus,
    Message,
    Ticket,
    User,
)

pytestmark = pytest.mark.django_db

KIM = "kim@mail.example"


@pytest.fixture
def server() -> Iterator[MailServer]:
    with MailServer() as running:
        yield running


@pytest.fixture
def mailbox(server: MailServer) -> Channel:
    somebody_is_at_work(chat_channel())
    nobody_is_at_work()
    return mail_channel(server)


def waiting_visitor() -> Visitor:
    """Somebody whom the machine has just told that nobody is there."""
    visitor = Visitor()
    visitor.talks("转人工")
    return visitor


def last_words(visitor: Visitor) -> str:
    return str(visitor.looks()["entries"][-1]["text"])


def composer() -> str:
    """What the case page offers an agent to answer through, best first."""
    client = Client()
    client.force_login(User.objects.filter(name="Mia").first() or factories.mia())
    page = client.get(f"/tickets/{format_number(Ticket.objects.get().number)}/").content.decode()
    return page.partition('id="composer"')[2]


def answered(text: str = "请重启邮箱。") -> Message:
    """An agent answers where the customer wants it."""
    ticket = Ticket.objects.get()
    place = Conversation.objects.get(ticket=ticket, identity=ticket.answer_by)
    mia = User.objects.filter(name="Mia").first() or factories.mia()
    return reply(conversation=place, text=text, by=Actor.of(mia), now=timezone.now())


def test_proved_address_gets_the_answer_and_what_it_writes_back_joins_the_case(
    server: MailServer, mailbox: Channel
) -> None:
    visitor = waiting_visitor()
    visitor.talks(KIM)
    settle()
    (asked,) = mails(server, KIM)
    visitor.talks(f"验证码 {code_in(asked)}")
    settle()
    offered = composer()
    answered()
    settle()
    answers_by_mail(server, mailbox, mails(server, KIM)[-1], "可以了，谢谢")
    said = answered().conversation
    settle()

    ticket = Ticket.objects.get()
    account = Identity.objects.get(channel=mailbox, external_id=KIM)
    _asked, first, second = mails(server, KIM)
    number = visitor.looks()["number"]
    assert ticket.answer_by == account
    assert account.status == IdentityStatus.VERIFIED
    assert account.contact == ticket.contact
    assert first["Subject"].endswith(f"[{number}]")
    assert first["In-Reply-To"] is None
    assert said == Conversation.objects.get(channel=mailbox)
    texts = said.messages.order_by("pk").values_list("text", flat=True)
    assert list(texts) == ["请重启邮箱。", "可以了，谢谢", "请重启邮箱。"]
    assert second["In-Reply-To"] == f"<answer-{first['Message-ID'].strip('<>')}>"
    assert second["References"].startswith(first["Message-ID"])
    assert offered.index(KIM) < offered.index("在线客服")
    findings = audit.audit(now=timezone.now(), patience=timedelta())
    assert [str(each) for each in findings if not each.holds] == []


def test_mail_to_an_unproved_address_tells_the_number_and_nothing_of_the_case(
    server: MailServer, mailbox: Channel
) -> None:
    visitor = Visitor()
    visitor.talks("附件 invoice.pdf 发不出去，转人工")
    visitor.talks(KIM)
    settle()

    (asked,) = mails(server, KIM)
    text = asked.get_content()
    number = visitor.looks()["number"]
    assert number in text
    assert number in asked["Subject"]
    assert "invoice" not in f"{asked['Subject']}{text}"
    assert Ticket.objects.get().answer_by is None
    assert not Conversation.objects.filter(channel=mailbox).exists()
    assert "invoice" not in str(Client().get(link_in(asked)).content)
    shown = masking.without_code(Message.objects.get(automatic="proof").text)
    assert code_in(asked) not in shown
    assert link_in(asked).split("/")[-2] not in shown


def test_link_proves_on_a_press_only_and_says_the_same_when_pressed_again(
    server: MailServer, mailbox: Channel
) -> None:
    waiting_visitor().talks(KIM)
    settle()
    path, client = link_in(mails(server, KIM)[0]), Client()

    opened = client.get(path)
    settle()
    assert Ticket.objects.get().answer_by is None
    told = [client.post(path).status_code for _press in range(2)]
    settle()
    settle()

    assert opened.status_code == 200
    assert told == [200, 200]
    assert Ticket.objects.get().answer_by is not None
    assert Conversation.objects.filter(channel=mailbox).count() == 1
    assert client.get(f"{path[:-2]}x/").status_code == 410


def test_code_is_dead_after_five_tries(server: MailServer, mailbox: Channel) -> None:
    visitor = waiting_visitor()
    visitor.talks(KIM)
    settle()
    right = code_in(mails(server, KIM)[0])
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"

    chat = Conversation.objects.get()

    visitor.talks(wrong)
    said = last_words(visitor)
    tried = [tries(chat, wrong) for _try in range(4)]

    assert "4" in said
    assert tried == ["wrong", "wrong", "wrong", "dead"]
    assert tries(chat, right) == "dead"
    assert AnswerPlace.objects.get().proven_at is None


def tries(chat: Conversation, code: str) -> str:
    with transaction.atomic():
        return answer_places.try_code(conversation=chat, text=code, now=timezone.now())[0]


def test_code_is_dead_after_a_quarter_of_an_hour_but_not_the_link(
    server: MailServer, mailbox: Channel
) -> None:
    waiting_visitor().talks(KIM)
    settle()
    (asked,) = mails(server, KIM)
    later = timezone.now() + timedelta(minutes=16)

    with transaction.atomic():
        tried, _place = answer_places.try_code(
            conversation=Conversation.objects.get(), text=code_in(asked), now=later
        )

    assert tried == "dead"
    token = link_in(asked).split("/")[-2]
    assert answer_places.place_of(token, now=later).address == KIM
    with pytest.raises(Refused):
        answer_places.place_of(token, now=later + timedelta(hours=24))


def test_window_says_the_same_of_every_address_and_a_stolen_one_gets_no_mail(
    server: MailServer, mailbox: Channel
) -> None:
    stolen = factories.kim(mailbox)
    Identity.objects.filter(pk=stolen.pk).update(external_id="stolen@mail.example")
    factories.ticket(stolen)
    identities.mark_compromised(identity=stolen, by=Actor.of(factories.mia()), now=timezone.now())

    told = []
    for address in ("stolen@mail.example", "nobody@mail.example"):
        visitor = waiting_visitor()
        visitor.talks(address)
        told.append(last_words(visitor).replace(address, "A"))
    settle()

    assert told[0] == told[1]
    assert mails(server, "stolen@mail.example") == []
    assert len(mails(server, "nobody@mail.example")) == 1


def test_address_gets_one_mail_an_hour_whoever_names_it_and_a_chat_names_three_a_day(
    server: MailServer, mailbox: Channel
) -> None:
    told = []
    for _who in range(2):
        visitor = waiting_visitor()
        visitor.talks(KIM)
        told.append(last_words(visitor))
        settle()
    for n in range(3):
        visitor.talks(f"kim{n}@mail.example")
    settle()

    assert told[0] == told[1]
    assert len(mails(server, KIM)) == 1
    sent = [len(mails(server, f"kim{n}@mail.example")) for n in range(3)]
    assert sent == [1, 1, 0]


def test_address_that_the_site_vouches_for_needs_no_mail(
    server: MailServer, mailbox: Channel
) -> None:
    visitor = Visitor()
    visitor.opens(host_token(email=KIM, email_verified=True))
    visitor.talks("转人工")
    visitor.talks(KIM)
    settle()

    assert mails(server, KIM) == []
    assert KIM in last_words(visitor)
    answered()
    settle()
    assert len(mails(server, KIM)) == 1


def test_whoever_is_known_at_the_address_becomes_the_same_customer_and_that_can_be_undone(
    server: MailServer, mailbox: Channel
) -> None:
    known = factories.kim(mailbox)
    Identity.objects.filter(pk=known.pk).update(external_id=KIM)
    older = factories.ticket(known)
    visitor = waiting_visitor()
    visitor.talks(KIM)
    settle()
    visitor.talks(code_in(mails(server, KIM)[0]))
    settle()

    ticket = Ticket.objects.exclude(pk=older.pk).get()
    assert ticket.contact == known.contact == Ticket.objects.get(pk=older.pk).contact
    link = History.objects.filter(code=linking.PROVED, ticket=ticket).get()
    linking.unlink_identity(link=link, by=Actor.of(factories.mia()), now=timezone.now())
    assert Ticket.objects.get(pk=ticket.pk).contact != known.contact


def test_without_a_mailbox_the_window_offers_no_mail_and_notes_the_wish(
    server: MailServer, mailbox: Channel
) -> None:
    Channel.objects.filter(pk=mailbox.pk).update(is_paused=True)
    visitor = waiting_visitor()
    offered = last_words(visitor)
    visitor.talks(KIM)
    settle()

    assert "邮箱地址" not in offered
    assert not AnswerPlace.objects.exists()
    assert History.objects.get(code="answer_wished").data["address"] == KIM


def test_code_counts_when_an_agent_has_taken_the_case_up_meanwhile(
    server: MailServer, mailbox: Channel
) -> None:
    visitor = waiting_visitor()
    visitor.talks(KIM)
    settle()
    Ticket.objects.update(assignee=factories.mia())
    visitor.talks(code_in(mails(server, KIM)[0]))
    settle()

    assert Ticket.objects.get().answer_by is not None


def test_what_nobody_comes_back_to_is_forgotten(mailbox: Channel) -> None:
    waiting_visitor().talks(KIM)

    settle(days=3)

    assert not AnswerPlace.objects.exists()

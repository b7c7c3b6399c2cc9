"""One problem told by mail and on a forum is one case, and each door gets its one answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from django.utils import timezone

from channels_ingest import api
from channels_ingest.sandbox.discourse import DEMO_KEY, Forum
from tests.flows.servers import (
    SLOW,
    Desk,
    Provider,
    desk,
    link_in,
    mail,
    number_in,
    provider,
    words_of,
)
from tests.waiting import wait_for
from tickets.actions.replies import reply
from tickets.actor import Actor
from tickets.case_numbers import format_number
from tickets.models import (
    Channel,
    ClaimState,
    Conversation,
    Delivery,
    DeliveryState,
    Role,
    Ticket,
    User,
)

pytestmark = [pytest.mark.flow, pytest.mark.django_db(transaction=True)]
KIM = "kim@mail.example"
FULL_WIDTH = str.maketrans("0123456789-QM", "０１２３４５６７８９－ＱＭ")
BY_MAIL = "The rule that held your mail back has been mended."
ON_THE_FORUM = "已经修好了，请再发一次试试看，有问题随时告诉我们。"


class Journey:
    """The servers around one desk, and what happens there step by step."""

    def __init__(self, desk: Desk, provider: Provider, forum: Forum) -> None:
        self.desk, self.provider, self.forum = desk, provider, forum

    def connect(self) -> None:
        """Make both channels by the commands, the forum with its webhook."""
        given = self.provider.values
        self.desk.command(
            *("channel", "add", "email", "--slug", "mail", "--set"),
            *(f"address={given['MAIL_ADDRESS']}", f"imap_user={given['MAIL_ADDRESS']}"),
            *(f"imap_host={given['IMAP_HOST']}", f"imap_port={given['IMAP_PORT']}"),
            *(f"smtp_host={given['SMTP_HOST']}", f"smtp_port={given['SMTP_PORT']}"),
            f"imap_password={given['MAIL_PASSWORD']}",
        )
        said = self.desk.command(
            *("channel", "add", "discourse", "--slug", "forum", "--set", "api_username=desk"),
            *(f"base_url={self.forum.url}", f"api_key={DEMO_KEY}"),
        )
        lines = dict(line.split(": ", 1) for line in said.splitlines() if ": " in line)
        self.forum.add_hook(lines["webhook address"], lines["webhook_secret"].split()[0])

    def wait_for_first_pulls(self) -> None:
        """What stood in a mailbox before it was connected stays there, so connect first."""
        pulled = Channel.objects.filter(account__last_pull_at__isnull=False, account__failures=0)
        wait_for(lambda: pulled.count() == 2, "both doors were asked once", within=SLOW)

    def mail_arrives(self) -> str:
        """A mail arrives; return the number that its acknowledgement tells."""
        self.provider.put(mail(KIM, "退信 554", "发给客户的报价单被退回，提示 554 DT:SPM。"))
        self.ask_mailbox()
        (told,) = wait_for(lambda: self.provider.sink.to(KIM), "acknowledgement", within=SLOW)
        return number_in(words_of(told))

    def ask_mailbox(self) -> None:
        """Have the mailbox asked at the next beat instead of in two minutes."""
        api.resume(Channel.objects.get(slug="mail"), now=timezone.now())

    def post_quotes(self, number: str) -> Conversation:
        """Somebody on the forum quotes a number in Chinese and in full width."""
        words = f"我的案号是{number.translate(FULL_WIDTH)}，换了网络还是退信。"
        self.forum.open_topic("shanfeng", "退信 554 DT:SPM", words)
        posted = Conversation.objects.filter(channel__slug="forum")
        wait_for(posted.exists, "the post came in", within=SLOW)
        return posted.get()

    def owner_confirms(self) -> None:
        """The owner follows the link from the question in their mail and says yes."""
        page = f"{self.desk.url}/support/claims/"
        (asked,) = wait_for(lambda: self.provider.sink.to(KIM, page), "question", within=SLOW)
        with requests.Session() as browser:
            link = link_in(words_of(asked))
            shown = browser.get(link, timeout=20)
            assert shown.status_code == 200
            cookie = next(each for each in browser.cookies if "csrf" in each.name)
            answer = {"answer": "yes", "csrfmiddlewaretoken": cookie.value}
            done = browser.post(link, data=answer, headers={"Referer": link}, timeout=20)
        assert done.status_code == 200, done.text

    def posts_of_desk(self, holding: str) -> list[str]:
        posts = [each for each in self.forum.posts.values() if each.username == "desk"]
        return [each.raw for each in posts if holding in each.raw]


@pytest.fixture
def journey(process_environment: dict[str, str], tmp_path: Path) -> Iterator[Journey]:
    with provider(tmp_path) as given, Forum() as forum:
        yield Journey(desk(process_environment, given, tmp_path), given, forum)


def test_mail_and_forum_post_become_one_case_and_each_gets_one_answer(journey: Journey) -> None:
    ada = User.objects.create_user("ada@desk.example", name="Ada", role=Role.MANAGER)
    journey.connect()

    with journey.desk.running(web=True):
        journey.wait_for_first_pulls()
        number = journey.mail_arrives()
        claimed = journey.post_quotes(number)
        case = Ticket.objects.get()
        assert number == format_number(case.number)
        assert (claimed.ticket, claimed.claim) == (case, ClaimState.PENDING)

        journey.owner_confirms()
        claimed.refresh_from_db()
        assert claimed.claim == ClaimState.VERIFIED

        by_mail = Conversation.objects.get(channel__slug="mail")
        for conversation, text in ((by_mail, BY_MAIL), (claimed, ON_THE_FORUM)):
            reply(conversation=conversation, text=text, by=Actor.of(ada), now=timezone.now())
        unsent = Delivery.objects.exclude(state=DeliveryState.SENT)
        wait_for(lambda: not unsent.exists(), "both answers left", within=SLOW)

    assert len(journey.provider.sink.to(KIM, BY_MAIL)) == 1
    assert len(journey.posts_of_desk(ON_THE_FORUM)) == 1
    assert Ticket.objects.count() == 1
    assert "WRONG" not in journey.desk.command("audit")

"""One problem told at five doors of a running demo, and what must become of every message.

A stranger quotes the number too, somebody mistypes it, a push comes twice and a worker is killed.
`Story.tell` plays it and yields lines; what is not as it must be stands in `differences`.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from html import unescape

from django.utils import timezone
from django.utils.html import strip_tags

from channels_ingest.audit import audit
from channels_ingest.models import Envelope, EnvelopeState
from dashboard.words import plain_number, refusal_in_words, why_in_words
from tickets.actions import claims, replies
from tickets.actions.refusals import Refused
from tickets.actor import Actor
from tickets.models import ClaimState, Delivery, DeliveryState, Message, Ticket, User

from . import pool
from .customers import DOORS, Customer, NotTaken
from .waiting import Late, until

FULL_WIDTH = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}
# Each door hears something else: what was said in private must not be repeated in public.
ANSWERS = {
    "web": "拦住报价单的规则已经改好，麻烦再发一次。",
    "qq": "QQ 上的消息看到了，退信 554 的原因找到了。",
    "wechat": "微信这边也收到了，正在放行您的邮件。",
    "forum": "感谢反馈，问题已修复，欢迎再试试看。",
    "mail": "邮件里的截图已转给工程师，今天内答复。",
    "weibo": "您好，请把您自己遇到的情况说一下。",
}
SETTLED = (DeliveryState.SENT, DeliveryState.DELIVERED, DeliveryState.READ)
YOUNG = timedelta(seconds=5)  # what is younger may still be on its way when the audit looks


@dataclass(slots=True)
class Told:
    """One message: who sent what at which door, and by which rule it must land."""

    slug: str
    customer: Customer
    text: str
    rule: str
    message: Message | None = None

    def send(self) -> None:
        door = DOORS[self.slug]()
        door.write(self.customer, self.text, place=door.places[0])

    def copies(self, since: datetime) -> list[Message]:
        """Where it was taken in; once, when all is well."""
        found = Message.objects.filter(direction="inbound", channel__slug=self.slug)
        found = found.filter(created_at__gte=since, text__contains=self.text)
        return list(found.select_related("conversation__ticket", "conversation__identity"))

    def times_answered(self, text: str) -> int:
        """How often a reply stands in the customer's own chat."""
        return sum(text in each.text for each in DOORS[self.slug]().said(self.customer))


@dataclass(slots=True)
class Story:
    """The plot. It acts through sockets where a customer would, and as `agent` at the desk."""

    agent: User
    patience: float = 25.0
    differences: list[str] = field(default_factory=list)
    began_at: datetime = field(default_factory=timezone.now)
    owner: Customer = field(default_factory=lambda: _somebody("陈一"))
    told: list[Told] = field(default_factory=list)
    answers: dict[str, Message] = field(default_factory=dict)
    lost: int = 0
    doubled: int = 0

    @property
    def number(self) -> str:
        """The number as our own page told it to the customer."""
        return str(self.owner.kept.get("number", ""))

    @property
    def answered(self) -> list[Told]:
        """What an agent answers: all but the mistyped number."""
        return [each for each in self.told if each.rule != "invalid_number"]

    def tell(self) -> Iterator[str]:
        """Play it; lines for a terminal. What cannot go on ends the story, as a difference."""
        try:
            for chapter in (_the_form, _other_doors, _landing, _answering, _end):
                yield from chapter(self)
        except (Late, NotTaken) as trouble:
            yield self.differs(str(trouble))
        except Refused as refused:
            yield self.differs(refusal_in_words(refused))

    def differs(self, what: str) -> str:
        self.differences.append(what)
        return f"  !! {what}"


def _the_form(story: Story) -> Iterator[str]:
    yield "1. A problem, told by the form"
    first = Told("web", story.owner, "报价单发不出去，退信 554 DT:SPM", "new_ticket")
    story.told.append(first)
    first.send()
    yield f"  {'form':<9} {story.number}  {first.text}"
    # A customer needs a moment to copy the number; without it other doors are quicker than the
    # worker, and a number that no case has yet is unknown.
    until(lambda: first.copies(story.began_at), "the form's case", story.patience)


def _other_doors(story: Story) -> Iterator[str]:
    yield "2. The same, with the number, at four other doors"
    number, digits = story.number, "".join(filter(str.isdigit, story.number))
    stranger, hasty = _somebody("路人"), _somebody("粗心")
    here = [
        Told("qq", story.owner, f"已通过官网提交，案号 {number}", "claim"),
        Told("wechat", story.owner, f"案号{number.translate(FULL_WIDTH)}还没有人回", "claim"),
        Told("forum", story.owner, f"官网提交过，案号：{number}，请看一下", "claim"),
        Told("mail", story.owner, f"补充截图，案号 {digits}", "claim"),
        Told("weibo", stranger, f"同样的报错，案号 {number}，请处理", "claim"),
        Told("qq", hasty, f"我的案号 {_mistyped(number)}，收不到信", "invalid_number"),
    ]
    for place, each in enumerate(here):
        each.send()
        story.told.append(each)
        yield f"  {each.slug:<9} {each.text}"
        if each.slug == "wechat":
            DOORS["wechat"]().trouble(each.customer, "twice")
            yield f"  {'wechat':<9} the same push once more"
        if place == 1:
            yield from _kill_a_worker(story)


def _kill_a_worker(story: Story) -> Iterator[str]:
    before = pool.processes()
    pool.kill(before.children[0])
    yield f"  {'worker':<9} process {before.children[0]} killed (-9), with messages on their way"
    after = until(pool.mended(before), "another worker process", story.patience)
    if after.main != before.main:
        yield story.differs(f"the supervisor {before.main} did not survive")


def _landing(story: Story) -> Iterator[str]:
    yield "3. Where each landed, and why"
    for each in story.told:
        copies = partial(each.copies, story.began_at)
        found = until(copies, _lost(each), story.patience)
        each.message = found[0]
        yield from _landed(story, each)
    yield from _counted(story)


def _landed(story: Story, told: Told) -> Iterator[str]:
    assert told.message is not None
    assert told.message.conversation is not None
    conversation = told.message.conversation
    where = plain_number(conversation.ticket.number)
    claim = ", not yet proved" if conversation.claim == ClaimState.PENDING else ""
    yield f"  {told.slug:<9} {where}{claim}"
    why = why_in_words(told.message)
    if why is not None:
        yield f"            {why.rule}"
        yield from (f"            {_plain(each)}" for each in why.evidence)
        yield from [f"            {why.review}"] if why.review else []
    rule = told.message.decision.get("rule")
    if rule != told.rule:
        yield story.differs(f"{told.slug}: decided by {rule}, not by {told.rule}")
    must_be_here = told.rule != "invalid_number"
    if (where == story.number) != must_be_here:
        yield story.differs(f"{told.slug}: on {where}")


def _counted(story: Story) -> Iterator[str]:
    """Nothing twice: the repeated push too has made one message."""
    until(_nothing_on_its_way, "every envelope to be read", story.patience)
    for each in story.told:
        copies = len(each.copies(story.began_at))
        story.doubled += max(0, copies - 1)
        if copies != 1:
            yield story.differs(f"{each.slug}: {copies} copies of one message")


def _answering(story: Story) -> Iterator[str]:
    yield "4. An agent decides the claims and answers at each door"
    by, now = Actor.of(story.agent), timezone.now()
    for each in story.answered:
        assert each.message is not None
        assert each.message.conversation is not None
        conversation = each.message.conversation
        is_owner = each.customer is story.owner
        if each.rule == "claim":
            decide = claims.verify if is_owner else claims.reject
            decide(conversation=conversation, by=by, now=now)
            conversation.refresh_from_db()
        yield from _stands(story, each, conversation.ticket, is_owner=is_owner)
        story.answers[each.slug] = replies.reply(
            conversation=conversation,
            text=ANSWERS[each.slug],
            by=by,
            now=now,
        )
    for each in story.answered:
        yield from _arrived(story, each)


def _stands(story: Story, told: Told, ticket: Ticket, *, is_owner: bool) -> Iterator[str]:
    where = plain_number(ticket.number)
    word = "the owner's" if is_owner else "a stranger's, now a case of its own"
    yield f"  {told.slug:<9} {where}  {word}"
    if (where == story.number) != is_owner:
        yield story.differs(f"{told.slug}: on {where}")


def _arrived(story: Story, told: Told) -> Iterator[str]:
    """The end state of a reply, and how often it stands in front of its customer."""
    answer = story.answers[told.slug]
    delivery = Delivery.objects.get(message=answer)
    unsettled = Delivery.objects.filter(pk=delivery.pk).exclude(state__in=SETTLED)
    until(lambda: not unsettled.exists(), f"the reply by {told.slug} to be sent", story.patience)
    delivery.refresh_from_db()
    times = told.times_answered(answer.text)
    count = f"{delivery.attempts} attempt{'s' if delivery.attempts > 1 else ''}"
    yield f"  {told.slug:<9} {delivery.state}, {count}; the customer sees it"
    story.lost += times == 0
    story.doubled += max(0, times - 1)
    if times != 1:
        yield story.differs(f"{told.slug}: the customer sees the reply {times} times")
    for other in story.answered:
        # The page of the case shows its customer the whole of it, and nothing of another's.
        is_whole = told.slug == "web" and other.customer is told.customer
        if other is told or is_whole:
            continue
        if told.times_answered(story.answers[other.slug].text):
            yield story.differs(f"{told.slug}: shows the reply that went to {other.slug}")


def _end(story: Story) -> Iterator[str]:
    yield "5. The audit"
    until(_nothing_on_its_way, "every envelope to be read", story.patience)
    findings = audit(now=timezone.now(), patience=YOUNG)
    broken = [each for each in findings if not each.holds]
    yield from (story.differs(str(each)) for each in broken)
    yield f"  {len(findings) - len(broken)} of {len(findings)} rules hold"
    yield f"  {story.lost} lost, {story.doubled} doubled"


def _nothing_on_its_way() -> bool:
    return not Envelope.objects.filter(state=EnvelopeState.NEW).exists()


def _plain(evidence: str) -> str:
    return unescape(strip_tags(evidence.replace("<q>", "“").replace("</q>", "”")))


def _lost(told: Told) -> str:
    return f"{told.slug}: “{told.text}” on a case"


def _somebody(name: str) -> Customer:
    return Customer(secrets.token_hex(3), name)


def _mistyped(number: str) -> str:
    """The number with one digit wrong: its check digits tell."""
    place = len(number) - 5
    return f"{number[:place]}{(int(number[place]) + 1) % 10}{number[place + 1 :]}"

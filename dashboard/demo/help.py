"""The demo's help centre: the starter articles, what readers thought of them, three notices."""

import random
from datetime import datetime, timedelta

from tickets.actions import knowledge, notices
from tickets.actions.starting_articles import import_articles
from tickets.actor import Actor
from tickets.knowledge import starter_articles
from tickets.models import (
    Article,
    ArticleVersion,
    ArticleVote,
    Notice,
    NoticeKind,
    SolvedBy,
    State,
    Ticket,
    User,
)
from tickets.queries.knowledge import suggested

OPENED = timedelta(days=60)  # ago
MOST_SOLVED = 40
MISSED = {
    "zh": ("步骤里的按钮和我看到的页面不一样", "没有说手机上怎么做"),
    "en": ("The button is called something else in my app",),
    "ja": ("スマートフォンでの手順が知りたい",),
}


def open_help(*, now: datetime) -> None:
    """Publish the starter articles, two months ago; the chat's machine offers them."""
    import_articles(articles=starter_articles(), now=now - OPENED)


def make_help(*, users: dict[str, User], now: datetime) -> None:
    """Fill the open help centre with what has happened there since."""
    _note_solutions(users["lin"])
    _vote(now)
    _tell(users["su"], now)


def _note_solutions(agent: User) -> None:
    """Say of solved cases which article solved them, where one fits well."""
    solved = Ticket.objects.filter(
        state=State.CLOSED, merged_into__isnull=True, closed_at__isnull=False
    )
    for ticket in solved.order_by("-closed_at")[:MOST_SOLVED]:
        found = suggested(ticket.subject, limit=1)
        if found and ticket.closed_at:
            knowledge.mark_solved(
                article=Article.objects.get(slug=found[0].slug),
                ticket=ticket,
                said_by=SolvedBy.AGENT,
                by=Actor.of(ticket.assignee or agent),
                now=ticket.closed_at,
            )


def _vote(now: datetime) -> None:
    """Readers' answers, the same in every demo; written at once, for there are many."""
    chance = random.Random(4821)  # noqa: S311 - nothing secret hangs on it
    votes = []
    for version in ArticleVersion.objects.filter(state="published").order_by("pk"):
        liking = chance.uniform(0.55, 0.98)
        for number in range(chance.randrange(0, 24)):
            helped = chance.random() < liking
            missed = "" if helped or number else chance.choice(MISSED[version.language])
            votes.append(
                ArticleVote(
                    version=version,
                    reader=f"{number:064x}",
                    helped=helped,
                    words=missed,
                    at=now - timedelta(minutes=chance.randrange(60, 60 * 24 * 45)),
                )
            )
    ArticleVote.objects.bulk_create(votes)


def _tell(manager: User, now: datetime) -> None:
    slow = _notice(
        manager,
        NoticeKind.INCIDENT,
        now - timedelta(days=2, hours=3),
        titles={
            "zh": "部分用户发送邮件较慢",
            "en": "Sending is slow for some users",
            "ja": "一部のお客様でメールの送信に時間がかかっています",
        },
        bodies={
            "zh": "发往外部邮箱的邮件可能延迟数分钟，邮件不会丢失。我们正在查找原因。",
            "en": "Mail to other providers may be some minutes late. No mail is lost. "
            "We are looking for the cause.",
            "ja": "社外宛てのメールが数分遅れることがあります。メールは失われません。"
            "原因を調べています。",
        },
    )
    notices.add_update(
        notice=slow,
        texts={
            "zh": "已恢复正常，延迟的邮件都已送达。原因是一台网关负载过高。",
            "en": "All is well again and what was late has arrived. A gateway was overloaded.",
            "ja": "復旧しました。遅れていたメールはすべて届いています。"
            "原因はゲートウェイの過負荷でした。",
        },
        is_over=True,
        by=manager,
        now=now - timedelta(days=2, hours=1),
    )
    begins = (now + timedelta(days=3)).replace(minute=0, second=0, microsecond=0)
    _notice(
        manager,
        NoticeKind.MAINTENANCE,
        begins,
        ends_at=begins + timedelta(hours=2),
        written_at=now - timedelta(days=1),
        titles={
            "zh": "网页版计划维护",
            "en": "Planned maintenance of the web mail",
            "ja": "ウェブ版の計画メンテナンス",
        },
        bodies={
            "zh": "维护期间网页版可能短暂打不开，客户端收发不受影响。",
            "en": "The web mail may be away for some minutes. Mail programs are not concerned.",
            "ja": "作業中はウェブ版が一時的に開けないことがあります。"
            "メールソフトでの送受信に影響はありません。",
        },
    )


def _notice(
    manager: User,
    kind: NoticeKind,
    starts_at: datetime,
    *,
    titles: dict[str, str],
    bodies: dict[str, str],
    ends_at: datetime | None = None,
    written_at: datetime | None = None,
) -> Notice:
    now = written_at or starts_at
    notice = Notice(kind=kind, starts_at=starts_at, ends_at=ends_at, titles=titles, bodies=bodies)
    notices.save_notice(notice=notice, by=manager, now=now)
    return notices.publish_notice(notice=notice, by=manager, now=now)

"""Fill a desk with cases by the thousand, the same ones in every run."""

from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from tests import factories
from tickets.actions.numbers import reserve
from tickets.models import Role, Ticket, User

# Each case: a customer, a number, one conversation and three messages. Three in five are Chinese,
# two in five not closed, one in three of those nobody's; the last one is a moment old.
STATEMENTS: Final = (
    """
    CREATE TEMPORARY TABLE filled ON COMMIT DROP AS
    SELECT number, n,
        nextval('tickets_contact_id_seq') AS contact,
        nextval('tickets_identity_id_seq') AS identity,
        nextval('tickets_ticket_id_seq') AS ticket,
        nextval('tickets_conversation_id_seq') AS conversation,
        %(now)s - (%(last)s - n) * interval '41 seconds' AS at,
        n %% 5 < 3 AS is_chinese,
        (n * 7) %% 10 >= 4 AS is_closed,
        (%(channels)s::bigint[])[1 + n %% 3] AS channel,
        (%(teams)s::bigint[])[1 + n %% 4] AS team,
        CASE WHEN n %% 3 > 0 THEN (%(agents)s::bigint[])[1 + n %% 8] END AS assignee,
        CASE WHEN n %% 5 < 3 THEN (%(chinese)s::text[])[1 + n %% 7]
            ELSE (%(english)s::text[])[1 + n %% 7] END || ' ' || n AS words
    FROM unnest(%(numbers)s::text[]) WITH ORDINALITY AS t (number, place)
    CROSS JOIN LATERAL (SELECT %(first)s + place - 1 AS n) AS s
    """,
    """
    INSERT INTO tickets_contact (id, name, language, company, plan, created_at)
    SELECT contact, 'Customer ' || n, '',
        CASE WHEN n % 4 = 0 THEN 'Company ' || n % 900 ELSE '' END,
        CASE WHEN n % 4 = 0 THEN 'enterprise' ELSE '' END, at
    FROM filled
    """,
    """
    INSERT INTO tickets_identity
        (id, contact_id, channel_id, external_id, name, address, phone, vouched, status, facts,
         created_at)
    SELECT identity, contact, channel, 'filled-' || n, 'Customer ' || n, '', '', '', 'verified',
        '{}', at
    FROM filled
    """,
    """
    INSERT INTO tickets_ticket
        (id, number, subject, state, priority, category, tags, language, contact_id, team_id,
         assignee_id, version, review, created_at, last_activity_at, waiting_since, closed_at,
         due_at, warn_at, clocks_stale, triaged_at, escalated_at, escalation)
    SELECT ticket, number, left(words, 80),
        CASE WHEN is_closed THEN 'closed' WHEN n % 7 = 1 THEN 'pending' ELSE 'open' END,
        CASE WHEN n % 20 = 0 THEN 'high' ELSE 'normal' END, '',
        CASE WHEN n % 6 = 0 THEN ARRAY['mobile', 'billing'] ELSE ARRAY[]::text[] END,
        CASE WHEN is_chinese THEN 'zh-Hans' ELSE 'en' END, contact, team, assignee, 4, '',
        at, at, CASE WHEN NOT is_closed AND n % 7 <> 1 THEN at END, CASE WHEN is_closed THEN at END,
        CASE WHEN NOT is_closed AND n % 7 <> 1 THEN at + interval '2 days' END,
        CASE WHEN NOT is_closed AND n % 7 <> 1 THEN at + interval '40 hours' END,
        false, at, CASE WHEN n % 500 = 0 THEN at END, '{}'
    FROM filled
    """,
    """
    INSERT INTO tickets_alias (number, ticket_id, origin, created_at)
    SELECT number, ticket, 'own', at FROM filled
    """,
    """
    INSERT INTO tickets_conversation
        (id, ticket_id, opened_on_id, channel_id, identity_id, thread, is_current, is_public,
         via_number, claim, claim_number, created_at, last_inbound_at, last_message_at)
    SELECT conversation, ticket, ticket, channel, identity, '', true, false, '', '', '', at, at, at
    FROM filled
    """,
    """
    INSERT INTO tickets_message
        (conversation_id, channel_id, direction, author_id, external_id, client_key, subject, text,
         html, transcript, automatic, is_public, exposes, decision, version, sent_at, created_at)
    SELECT conversation, channel, CASE WHEN part = 2 THEN 'outbound' ELSE 'inbound' END,
        CASE WHEN part = 2 THEN assignee END, 'filled-' || n || '-' || part, '', '', words, '', '',
        '', false, '[]', '{}', part, at, at
    FROM filled CROSS JOIN generate_series(1, 3) AS part
    """,
)
CHINESE: Final = (
    "收不到验证码，网页一直转圈",
    "附件上传失败，提示 554",
    "企业邮箱怎么续费",
    "上个月的发票还没有收到",
    "手机客户端打不开",
    "邮件被当成垃圾邮件退回",
    "建议增加深色模式",
)
ENGLISH: Final = (
    "I cannot sign in on my phone",
    "Messages come back with 550 blocked",
    "How do I renew our plan",
    "The invoice of last month is missing",
    "Search finds nothing older than a week",
    "Attachments arrive empty",
    "Please add a dark theme",
)
AT_ONCE: Final = 10_000


def fill(size: int) -> None:
    """Bring the desk to that many cases, then let the planner know."""
    now = timezone.now()
    while (have := Ticket.objects.count()) < size:
        add(min(AT_ONCE, size - have), first=have, last=size, now=now)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def add(count: int, *, first: int, last: int, now: datetime) -> None:
    """Add cases numbered from `first` in one transaction."""
    given: dict[str, Any] = {
        "now": now,
        "first": first,
        "last": last,
        "numbers": reserve(count),
        "chinese": list(CHINESE),
        "english": list(ENGLISH),
        **stage(),
    }
    with transaction.atomic(), connection.cursor() as cursor:
        create, *inserts = STATEMENTS
        cursor.execute(create, given)
        for insert in inserts:
            cursor.execute(insert)


def stage() -> dict[str, list[int]]:
    """The doors, teams and agents among which the cases are spread, made on first use."""
    names = ("Mail", "Billing", "Mobile", "Abuse")
    kinds = ("email", "form", "board")
    agents = [User.objects.filter(email=f"agent{n}@desk.example").first() for n in range(8)]
    return {
        "channels": [factories.channel(kind).pk for kind in kinds],
        "teams": [factories.team(name).pk for name in names],
        "agents": [
            (found or factories.person(f"Agent{n}", Role.AGENT)).pk
            for n, found in enumerate(agents)
        ],
    }

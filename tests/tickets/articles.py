"""Articles and notices for tests: written, published, imported."""

from datetime import datetime
from typing import Any

from tests import factories
from tickets.actions import knowledge
from tickets.actions.knowledge import Texts
from tickets.actions.starting_articles import import_articles
from tickets.knowledge import starter_articles
from tickets.models import Article, Notice, User

BOUNCE = {
    "zh": Texts(
        "退信554的处理",
        "邮件被退回，提示 554\n带附件的邮件发不出去",
        "检查正文里有没有“发票”\n单封附件减到 20 MB 以内",
    ),
    "en": Texts(
        "What to do about 554 bounces",
        "Your message comes back with 554\nIt has attachments",
        "Rephrase words the filter knows\nKeep each message under 20 MB",
    ),
}
PASSWORD = {"zh": Texts("忘记密码如何重置", "忘记密码", "在登录页点“忘记密码”")}


def writer(role: str = "manager") -> User:
    """Somebody who may publish, or of another role."""
    found = User.objects.filter(email=f"w-{role}@desk.example").first()
    return found or factories.person(f"W-{role}", role)


def published(
    slug: str = "bounce-554",
    texts: dict[str, Texts] | None = None,
    *,
    category: str = "sending_receiving",
    now: datetime = factories.NOW,
) -> Article:
    """An article that customers read in the languages of its texts."""
    by = writer()
    article = knowledge.create_article(slug=slug, category=category, by=by, now=now)
    for language, each in (texts or BOUNCE).items():
        knowledge.save_draft(article=article, language=language, texts=each, by=by, now=now)
    knowledge.publish(article=article, by=by, now=now)
    return article


def starters(now: datetime = factories.NOW) -> None:
    """All the articles that come with Anhao."""
    import_articles(articles=starter_articles(), now=now)


def notice(
    title: str = "发信变慢", *, en: str = "Sending is slow", kind: str = "incident", **fields: Any
) -> Notice:
    """A notice that customers read."""
    values = {
        "state": "published",
        "starts_at": factories.NOW,
        "created_at": factories.NOW,
        "changed_at": factories.NOW,
        "bodies": {"zh": "正在处理。", "en": "We are *on it*."},
        **fields,
    }
    return Notice.objects.create(kind=kind, titles={"zh": title, "en": en}, **values)

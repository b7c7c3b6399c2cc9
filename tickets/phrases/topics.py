"""The subjects that a text touches."""

import re
from functools import lru_cache
from typing import Final

from .folding import pattern, plain
from .lists import TOPICS

# Words that belong to one subject although they hold the tell-tale words of another.
_BELONGS: Final = tuple(
    (topic, pattern(*parts))
    for topic, *parts in (
        (
            "login",
            r"(?:收不到|没收到|接收不到|收到)[^。，,.\n]{0,6}(?:验证码|短信码?)",
            r"(?:验证码|短信码?)[^。，,.\n]{0,8}(?:收不到|没收到|没来|不来)",
            (
                r"(?:verification|sms|login|security) (?:code|text)[^.\n]{0,20}(?:receiv|arriv"
                r"|come)\w*"
            ),
            r"receiv\w+ (?:the |any |a |my )?(?:verification |sms |login )?code",
            r"(?:认证|認証|確認)コード[^。\n]{0,10}届",
            (
                r"找回[^。，,.\n]{0,4}(?:密码|账号|邮箱)|(?:密码|账号)[^。，,.\n]{0,8}找回"
                r"|号码(?:销|换|停用)|验证那一步"
            ),
        ),
        (
            "billing",
            r"(?:发票|(?<!对)账单|收据|退款)[^。，,.\n]{0,8}(?:没收到|收不到|没到|没来|不到)",
            r"(?:請求書|領収書)[^。\n]{0,8}(?:届|受信)",
        ),
        (
            "attachment",
            (
                r"(?:附件|文件|文档|pdf|word|excel|图片|压缩包|zip)[^。，,.\n]{0,8}(?:打不开|空白"
                r"|乱码|开不了)"
            ),
            r"(?:添付|ファイル)[^。\n]{0,8}(?:開け|開き)",
        ),
        ("calendar", r"(?:日历|日程|会议)[^。，,.\n]{0,4}(?:提醒|通知|推送|邀请)"),
        ("contacts", r"(?:通讯录|联系人)[^。，,.\n]{0,8}(?:导出|导入|搬家|迁移|备份|恢复)"),
        ("vacation", r"(?:自动|假期|休假)回复[^。，,.\n]{0,8}(?:发不出)?"),
        (
            "spam",
            r"[卖代]开?发票(?:的|广告)?|发票(?:的)?(?:广告|骚扰|垃圾)|invoice[ -]scam|領収書販売",
            r"[进到在]了?垃圾(?:箱|邮件|文件夹)|垃圾(?:箱|邮件)里?",
        ),
        (
            "mail_flow",
            (
                r"(?:发|寄)(?:到|给|往)[^。，,.\n]{0,10}的?(?:信|邮件|邮箱)"
                r"|给[^。，,.\n]{0,8}(?:发|寄)的(?:信|邮件)|对账单"
            ),
            r"(?:send|sending|sent) (?:it |mail |e-?mails? )?to [a-z]+",
        ),
    )
)
_LATIN: Final = re.compile(r"[a-z0-9][a-z0-9'+-]*")
_ENDINGS: Final = ("", "s", "es", "d", "ed", "ing")
_CODES: Final = re.compile(
    r"(?<![\w.])(?:[45]\d\d|[1-9]\d{4}|0x[0-9a-f]{4,8}|[a-z]{2,8}-?\d{3,5})(?!\w)", re.ASCII
)


@lru_cache(maxsize=4096)  # the earlier words of a case are asked about with every message
def topics_of(text: str) -> frozenset[str]:
    """The subjects that a text touches, by its tell-tale words."""
    return topics_in(plain(text))


def topics_in(said: str) -> frozenset[str]:
    """The same for a text that is folded already."""
    found = set()
    for topic, belongs in _BELONGS:
        said, times = belongs.subn(" ", said)
        if times:
            found.add(topic)
    latin = f" {' '.join(_LATIN.findall(said))} "
    for topic, (whole_words, anywhere) in _TELL_TALES.items():
        if any(word in said for word in anywhere) or any(word in latin for word in whole_words):
            found.add(topic)
    return frozenset(found)


def codes_in(text: str) -> frozenset[str]:
    """Error codes that a text names: three digits and more, with letters around or not."""
    return frozenset(_CODES.findall(plain(text)))


def _tell_tale(listed: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Latin words with their endings and blanks around them; and all others."""
    latin = [word for word in listed if word.isascii()]
    whole_words = tuple(f" {word}{ending} " for word in latin for ending in _ENDINGS)
    return whole_words, tuple(word for word in listed if not word.isascii())


_TELL_TALES: Final = {topic: _tell_tale(listed) for topic, listed in TOPICS.items()}

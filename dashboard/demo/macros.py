"""The macros that the demo's agents have: three sentences that are said every day."""

from collections.abc import Mapping
from datetime import datetime

from tickets.actions.macros import save_macro
from tickets.macros import Actions
from tickets.models import Macro, MacroAudience, User

MACROS = (
    (
        "索取操作步骤",
        "bz",
        {
            "zh": "{{customer.name|您}}好，为了尽快定位，请告诉我们：用的是哪个客户端、"
            "出问题前依次做了哪几步？最好附一张截图。",
            "en": "Hello {{customer.name|there}}, to find the cause quickly: which mail program do "
            "you use, and what did you do step by step before it happened? A screenshot helps.",
            "ja": "{{customer.name|お客様}}、原因を調べるため、ご利用のメールソフトと、"
            "問題が起きるまでの操作を順に教えてください。画面の写しがあると助かります。",
        },
        Actions(then="pending", tags=("缺步骤",)),
    ),
    (
        "请导出日志",
        "rz",
        {
            "zh": "请在「设置 › 日志下载」导出最近一天的日志，"
            "压缩后回复给我们，附上案号 {{case.number}}。",
            "en": "Please export yesterday's log under Settings › Log download and send it to us "
            "as an archive, with the case number {{case.number}}.",
        },
        Actions(then="pending"),
    ),
    (
        "规则误判已放行",
        "wp",
        {
            "zh": "是我们的规则误判，已经放行，请再发一次。给您添麻烦了。{{agent.name}}",
            "en": "Our filter was wrong; your mail may pass now. Please send it again, and excuse "
            "the trouble. {{agent.name}}",
        },
        Actions(then="closed", tags=("退信",)),
    ),
)


def set_up_macros(users: Mapping[str, User], now: datetime) -> None:
    """Write them down for everybody, as a manager would."""
    for name, shortcut, texts, actions in MACROS:
        macro = Macro(
            name=name,
            shortcut=shortcut,
            texts=texts,
            actions=actions.as_data(),
            audience=MacroAudience.EVERYONE,
            owner=users["su"],
            created_at=now,
        )
        save_macro(macro, now=now)

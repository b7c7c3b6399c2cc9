"""The words of the filter language in Chinese, Japanese and English: keys and well-known values.

The first word of each language is the one that is shown; the others are understood.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from .terms import LANGUAGES, fold

Sort = Literal["choice", "listed", "open", "span", "moment", "number"]
Names = Mapping[str, tuple[str, ...]]  # by language


@dataclass(frozen=True, slots=True)
class Key:
    """One thing that can be asked for.

    A choice has its values only; what is listed, those of the book too; open ones take any text.
    `is_private` are those of which helpers know nothing.
    """

    code: str
    sort: Sort
    names: Names
    values: Mapping[str, Names]
    is_private: bool = False


def _names(zh: str, ja: str, en: str) -> Names:
    return {
        "zh-hans": tuple(zh.split("/")),
        "ja": tuple(ja.split("/")),
        "en": tuple(en.split("/")),
    }


_VALUES: Mapping[str, Iterable[tuple[str, str, str, str]]] = {
    "state": (
        ("open", "未结/处理中/进行中", "対応中/オープン", "open"),
        (
            "pending",
            "等客户回复/等客户/等待客户",
            "顧客返信待ち/返信待ち",
            "pending/waiting for customer",
        ),
        ("snoozed", "稍后处理/稍后/推迟", "スヌーズ中/スヌーズ/保留", "snoozed/later"),
        ("closed", "已解决/已结/已关闭", "解決済み/完了/解決", "resolved/closed/done"),
        ("unresolved", "未解决", "未解決", "unresolved"),
    ),
    "assignee": (
        ("me", "我/自己", "自分/私", "me/myself"),
        ("none", "无/没有/未分配", "なし/未割り当て", "none/nobody/unassigned"),
    ),
    "team": (("none", "无/没有/无小组", "なし/チームなし", "none/no team"),),
    "priority": (
        ("low", "低", "低", "low"),
        ("normal", "普通/一般", "通常/普通", "normal"),
        ("high", "高", "高", "high"),
        ("urgent", "紧急/加急", "緊急", "urgent"),
    ),
    "category": (
        ("account_security", "账号安全", "アカウントの安全", "account security"),
        ("sending_receiving", "邮件收发/收发", "送受信", "sending and receiving"),
        (
            "spam_blocking",
            "垃圾邮件与拦截/垃圾邮件",
            "迷惑メールとブロック/迷惑メール",
            "spam and blocking",
        ),
        ("attachments", "附件", "添付ファイル", "attachments"),
        ("features_settings", "功能与设置", "機能と設定", "features and settings"),
        ("client_setup", "客户端设置/客户端", "メールソフト", "mail clients"),
        (
            "billing_enterprise",
            "付费与企业服务/付费",
            "料金と法人プラン/料金",
            "billing and enterprise/billing",
        ),
        ("api_integration", "接口与集成/接口", "APIと連携", "API and integration/API"),
        ("feedback_suggestion", "建议反馈/建议", "ご意見・ご要望", "suggestions/feedback"),
        ("other", "其他", "その他", "other"),
        ("none", "无/没有", "なし", "none"),
    ),
    "tag": (("none", "无/没有", "なし", "none"),),
    "language": (
        ("zh", "中文", "中国語", "Chinese"),
        ("en", "英文/英语", "英語", "English"),
        ("ja", "日文/日语", "日本語", "Japanese"),
    ),
    "plan": (
        ("free", "免费", "無料", "free"),
        ("enterprise", "企业", "法人", "enterprise"),
        ("none", "无/没有", "なし", "none"),
    ),
    "waiting": (
        ("any", "是/有", "あり", "yes/any"),
        ("none", "否/无", "なし", "no/none"),
    ),
    "due": (
        ("overdue", "超时/已超时/逾期", "期限切れ/超過", "overdue/late"),
        ("today", "今天/今日", "今日", "today"),
        ("any", "有", "あり", "any"),
        ("none", "无/没有", "なし", "none"),
    ),
    "claim": (
        ("pending", "待核实/未核实", "確認待ち", "pending/not yet verified"),
        ("verified", "已核实", "確認済み", "verified"),
        ("rejected", "已否认", "本人でない", "rejected"),
        ("none", "无/没有", "なし", "none"),
    ),
    "has": (
        ("draft", "草稿", "下書き", "draft"),
        ("attachment", "附件", "添付ファイル/添付", "attachment/attachments/file"),
        ("note", "备注", "メモ", "note/notes"),
    ),
    "window": (
        ("closing", "将关闭/将关", "まもなく終了/わずか", "closing"),
        ("open", "开着/打开", "返信可能", "open"),
        ("closed", "已关闭/已关", "終了", "closed"),
    ),
    "escalated": (("yes", "是", "はい", "yes"), ("no", "否", "いいえ", "no")),
}
_MOMENTS = (
    ("today", "今天/今日", "今日", "today"),
    ("yesterday", "昨天/昨日", "昨日", "yesterday"),
    ("week", "本周/这周", "今週", "this week/week"),
    ("month", "本月/这个月", "今月", "this month/month"),
)
_PRIVATE = frozenset({"tag", "category", "plan", "contact", "company", "has", "escalated"})
_KEYS: tuple[tuple[str, Sort, str, str, str], ...] = (
    ("state", "choice", "状态", "状態/ステータス", "state/status/is"),
    ("channel", "listed", "渠道", "チャネル/チャンネル", "channel/via"),
    ("kind", "listed", "渠道类型/类型", "チャネル種別/種類", "kind"),
    ("waiting", "span", "等待/等了", "待ち/待ち時間", "waiting/waits"),
    ("due", "span", "到期/期限/时限", "期限/締切", "due/deadline"),
    ("assignee", "listed", "处理人/负责人/分配给", "担当者/担当", "assignee/assigned/owner"),
    ("team", "listed", "小组/团队", "チーム", "team"),
    ("tag", "open", "标签", "タグ", "tag/label"),
    ("priority", "choice", "优先级", "優先度", "priority"),
    ("category", "choice", "分类", "カテゴリー/分類", "category"),
    ("language", "open", "语言", "言語", "language/lang"),
    ("plan", "open", "套餐", "プラン", "plan"),
    ("contact", "open", "客户", "顧客", "contact/customer/from"),
    ("company", "open", "公司/企业", "会社", "company"),
    ("created", "moment", "创建", "作成", "created/opened"),
    ("updated", "moment", "更新", "更新日/最終更新", "updated/activity"),
    ("resolved", "moment", "解决", "解決日/解決", "resolved/closed"),
    ("claim", "choice", "引用/核实", "番号引用/引用", "claim"),
    ("has", "choice", "含/包含", "あり/含む", "has/with"),
    ("window", "choice", "窗口/回复窗口", "返信枠/ウィンドウ", "window"),
    ("escalated", "choice", "升级/请组长", "エスカレーション/リーダー呼び出し", "escalated"),
    ("number", "number", "案号", "案件番号/番号", "number/case/no"),
)  # fmt: skip


def _key(code: str, sort: Sort, zh: str, ja: str, en: str) -> Key:
    values = _MOMENTS if sort == "moment" else _VALUES.get(code, ())
    known = {value: _names(*words) for value, *words in values}
    return Key(code, sort, _names(zh, ja, en), known, is_private=code in _PRIVATE)


KEYS: Mapping[str, Key] = {row[0]: _key(*row) for row in _KEYS}

# Lengths of time: what is shown, then what is understood.
UNITS: Mapping[str, Names] = {
    "m": _names("分/分钟/分鐘", "分/分間", "m/min/mins/minute/minutes"),
    "h": _names("小时/时/小時/个小时", "時間", "h/hr/hrs/hour/hours"),
    "d": _names("天/日", "日/日間", "d/day/days"),
    "w": _names("周/星期", "週間/週", "w/wk/week/weeks"),
}


def key_name(code: str, language: str) -> str:
    """The word for a key; without a language the code itself."""
    return shown(KEYS[code].names, language) if code in KEYS and language else code


def shown(names: Names, language: str) -> str:
    return names[language if language in names else "en"][0]


def _said(entries: Mapping[str, Names]) -> dict[str, str]:
    """Every way to say each of them; what two languages share means one thing only."""
    found = {fold(code): code for code in entries}
    for code, names in entries.items():
        for language in LANGUAGES:
            for word in names[language]:
                assert found.setdefault(fold(word), code) == code, (word, code)
    return found


KEY_SAID: Mapping[str, str] = _said({code: key.names for code, key in KEYS.items()})
VALUE_SAID: Mapping[str, Mapping[str, str]] = {
    code: _said(key.values) for code, key in KEYS.items()
}
UNIT_SAID: Mapping[str, str] = _said(UNITS)

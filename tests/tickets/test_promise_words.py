"""A promised time is heard in three languages, and not in what only seems to be one."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tickets.clocks import Calendar, parse_hours
from tickets.phrases.promises import promised_in

ZONE = ZoneInfo("Asia/Shanghai")
FRIDAY = datetime(2026, 11, 20, 10, 36, tzinfo=ZONE)
OFFICE = Calendar(ZONE, (*(parse_hours("9-12, 13:00-19:00"),) * 5, (), ()))

KEPT = (
    ("听到了，同步停在昨晚 22 点。我去查手机推送通道，10 分钟内给您结果。", "20 10:46"),
    ("日志收到，正在核对命中规则，10分钟内给您结果。", "20 10:46"),
    ("１０分鐘內回覆您", "20 10:46"),
    ("半小时内回复您", "20 11:06"),
    ("一个半小时后联系您", "20 12:06"),
    ("大概两个小时之内，我们给您答复", "20 12:36"),
    ("1-2小时内处理好", "20 12:36"),
    ("十五分钟后给您回电", "20 10:51"),
    ("我们会在 24 小时内回复。", "21 10:36"),
    ("明天上午回复您", "21 12:00"),
    ("最晚明天下午，我们会通知您", "21 18:00"),
    ("今天 18:30 前给您回访", "20 18:30"),
    ("今天10点半前已安排同事，下午3点前回复您", "20 15:00"),
    ("6点前给您结论", "20 18:00"),
    ("今天下班前给您结论", "20 19:00"),
    ("已收到您的日志，今天内给您答复", "20 19:00"),
    ("下周一给您答复", "23 19:00"),
    ("周一上午10点联系您", "23 10:00"),
    ("本周内修复", "20 19:00"),
    ("3 个工作日内给您结果", "25 19:00"),
    ("I'll get back to you within 2 hours.", "20 12:36"),
    ("Thanks for the log. We will reply tomorrow morning.", "21 12:00"),
    ("I'll check with the team, and get back to you in half an hour.", "20 11:06"),
    ("We'll have an answer for you by 5 pm.", "20 17:00"),
    ("You will hear from us by 9:30 on Monday", "23 09:30"),
    ("I'll update you by the end of the day", "20 19:00"),
    ("We will fix it within 2 business days.", "24 19:00"),
    ("本日中にご連絡いたします。", "20 19:00"),
    ("確認しましたので、2時間以内にご回答します。", "20 12:36"),
    ("明日の午前中にお知らせいたします", "21 12:00"),
    ("担当者より本日18時までにお電話いたします。", "20 18:00"),
    ("翌営業日までに返信いたします。", "23 19:00"),
)
NONE = (
    "一般3个工作日到账",
    "退款预计 3 个工作日内到账。",
    "通常我们会在 24 小时内回复。",
    "请在 24 小时内回复这封邮件，否则案件会关闭。",
    "如果 10 分钟内没有收到，我们明天回复您。",
    "验证码 10 分钟内有效",
    "我们已经在 10 分钟内回复您了。",
    "昨天下午我们回复过您。",
    "今天系统升级，我们会尽快回复您。",
    "今天给您添麻烦了",
    "您可以明天上午再试一次，修复后会恢复",
    "明天上午回复您可以吗？",
    "我们无法保证今天内回复",
    "尽快给您结果",
    "好的，谢谢",
    "",
    "Refunds usually take 5 business days.",
    "We answered you within 2 hours.",
    "Please reply within 24 hours.",
    "If it fails again we will call you tomorrow.",
    "The link expires in 15 minutes.",
    "I'll look at it as soon as possible.",
    "Could you call us tomorrow?",
    "通常3営業日以内に反映されます。",
    "本日はお問い合わせいただきありがとうございます。",
    "2時間以内にご返信ください。",
    "昨日ご連絡しました。",
    "好的\n> 10 分钟内给您结果",
)


@pytest.mark.parametrize(("text", "due"), KEPT)
def test_promise_is_heard_with_its_time(text: str, due: str) -> None:
    found = promised_in(text, sent_at=FRIDAY, zone=ZONE, calendar=OFFICE)

    assert found is not None
    assert found.due_at.astimezone(ZONE).strftime("%d %H:%M") == due
    assert found.words in text


@pytest.mark.parametrize("text", NONE)
def test_what_only_seems_to_be_a_promise_is_none(text: str) -> None:
    assert promised_in(text, sent_at=FRIDAY, zone=ZONE, calendar=OFFICE) is None


def test_without_a_calendar_days_end_in_the_evening() -> None:
    found = promised_in("明天给您答复", sent_at=FRIDAY, zone=ZONE)

    assert found is not None
    assert found.due_at == datetime(2026, 11, 21, 18, 0, tzinfo=ZONE)


def test_hostile_length_costs_no_more_than_a_long_text() -> None:
    assert promised_in("1" * 200_000 + "分钟", sent_at=FRIDAY, zone=ZONE) is None

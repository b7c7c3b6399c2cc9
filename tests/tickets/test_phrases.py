"""What a message says about itself is heard in three languages, and not where it only seems so."""

import re

import pytest

from tickets import phrases
from tickets.phrases.folding import MOST_WEIGHED

GOES_ON = (
    ("邮箱登录不上，密码没错", "抬头是个人"),
    ("登录报错", "用谷歌浏览器和火狐都报错"),
    ("发信失败", "对方是gmail的邮箱，我的是企业邮箱"),
    ("收不到邮件", "我在垃圾箱里找到了，但是下次还会进吗"),
    ("收不到邮件", "容量是够的，没有满"),
    ("收不到邮件", "你们能远程帮我看看吗？"),
    ("客户端收不到邮件", "密码对的，网页能登录"),
    ("登录失败", "申诉过一次了，没通过"),
    ("账号被盗", "他们用我的邮箱发垃圾邮件"),
    ("IMAP连不上", "授权码是昨天新生成的"),
    ("误删邮件", "还有几封也没了"),
    ("误删邮件", "还有救吗"),
    ("发不出邮件", "另外，这个要多久？"),
    ("今天收信好慢", "对了，我这边是北京联通"),
    ("扫码登不上", "另外一台电脑可以"),
    ("页面很卡", "是附件传不上去"),
    ("外链打不开", "另外附上截图"),
    ("外链打不开", "没有别的问题了"),
    ("外链打不开", ""),
    ("在吗", "发票怎么开"),
    ("Outlook keeps asking for the password", "I generated a new app password and it still fails"),
    ("Mail never arrives", "Could you please check it urgently?"),
    ("Mail never arrives", "btw it's urgent"),
    ("The refund is missing", "I paid by credit card on Nov 1"),
    ("ログインできない", "パスワードは合っています"),
    ("メールが届かない", "迷惑フォルダにもありません"),
    ("メールが届かない", "また、至急お願いします"),
)
STARTS_ANEW = (
    ("登录要拼滑块", "退款什么时候到账"),
    ("收信慢", "忘记密码了怎么找回"),
    ("头像换不了", "邮箱满了怎么扩容"),
    ("日历提醒不响", "有封邮件误删了能恢复吗"),
    ("垃圾邮件太多", "我想注销账号"),
    ("申诉被驳回", "另外问一句，会员能退吗"),
    ("附件下载慢", "顺便反馈一下，通讯录导入老是失败"),
    ("附件下载慢", "再请教个问题，怎么撤回已发送的邮件"),
    ("附件下载慢", "另开一个：附件下载报错"),
    ("收不到邮件", "好的谢谢。再问下会员多少钱一年"),
    ("超大附件过期", "给我绑定的手机号换一个"),
    ("今天网页很卡", "想问下你们有没有学生优惠"),
    ("收件箱空白", "順便問一下，發票抬頭怎麼改？"),
    ("I can't log in", "Separate issue: my invoice has the wrong address"),
    ("I can't log in", "Thanks, that worked. One more thing, how do I turn on dark mode?"),
    ("My mail bounces", "Could I get a refund for this month?"),
    ("スパムが多い", "あと、表示名を変えたいのですが"),
    ("スパムが多い", "別件ですが、容量は増やせますか"),
    ("メールが送信できません", "請求書の宛名を変更できますか"),
)


@pytest.mark.parametrize(("earlier", "text"), GOES_ON)
def test_text_that_goes_on_starts_nothing_new(earlier: str, text: str) -> None:
    assert not phrases.starts_new_problem(text, [earlier])


@pytest.mark.parametrize(("earlier", "text"), STARTS_ANEW)
def test_new_problem_is_heard(earlier: str, text: str) -> None:
    assert phrases.starts_new_problem(text, [earlier])


def test_anything_said_earlier_in_the_case_counts() -> None:
    earlier = ["收件箱空白", "请问发票抬头是什么", "好的"]

    assert not phrases.starts_new_problem("发票开错了", earlier)


def test_complaint_that_adds_something_does_not_start_anew_but_announces() -> None:
    text = "验证码还是收不到。另外发票怎么开？"

    assert not phrases.starts_new_problem(text, ["收不到验证码"])
    assert phrases.announces_another_problem(text, ["收不到验证码"])


CARRIES = (
    ("收不到验证码短信", "§还没好吗？另外我想咨询一下发票怎么申请"),
    ("扣了两次年费", "§退款的事有进展吗？还有，我的邮箱登录不上了"),
    ("签名不显示", "§ 已好。再反馈一个，日历同步失败"),
    ("退信", "§的退信还有。发票也没开，抬头怎么填？"),
    ("收件箱空白", "§ 收件箱好了，但是通讯录全没了"),
    ("附件打不开", "§，还有新问题，邮箱容量满了"),
    ("Mail bounces", "§ is still open. Also, could you change my billing address?"),
    ("Mail bounces", "Regarding §: still bounces. I have another question: how do I add seats?"),
    ("ログインできない", "§の件ありがとうございます。もう一点、領収書をお願いします。"),
)
ONLY_ITS_CASE = (
    ("收不到验证码", "§，另外附上截图"),
    ("退信", "§ 代码550，客户很急，请尽快"),
    ("附件打不开", "§ 换电脑也不行，客户端也试了"),
    ("日历提醒不响", "§怎么样了？都一周了，什么时候能修好？"),
    ("登录不了", "§ 还是登录不了，密码也重置过了，短信也收到了"),
    ("登录不了", "§，已通过官网渠道提交，补一份日志"),
    ("登录不了", "§ 发票怎么开"),
    ("Mail bounces", "§ any update? I need this fixed asap"),
    ("Mail bounces", "§ - also, please call me"),
    ("Upload fails", "My case is §. The upload fails in Chrome and Firefox. Thanks"),
    ("ログインできない", "§です。スクリーンショットを添付します。また、至急お願いします。"),
)


@pytest.mark.parametrize(("earlier", "text"), CARRIES)
def test_separate_problem_beside_a_number_is_heard(earlier: str, text: str) -> None:
    assert phrases.carries_another_problem(text, [earlier])


@pytest.mark.parametrize(("earlier", "text"), ONLY_ITS_CASE)
def test_text_about_its_own_case_carries_nothing_else(earlier: str, text: str) -> None:
    assert not phrases.carries_another_problem(text, [earlier])


@pytest.mark.parametrize(
    "text",
    [
        "我同事昨天提交的，§，帮忙看看",
        "我朋友的问题，案号§，他很急",
        "楼上§跟我一样",
        "樓主的§我也是一樣",
        "§是我妈的号，她不会弄",
        "代朋友问：§处理了没",
        "这不是我的案号，§",
        "同事轉給我的§",
        "看到论坛里有人贴了§，我的情况差不多",
        "和§一样啊",
        "他的案号是§",
        "§ belongs to my wife",
        "on behalf of my manager: §",
        "This is not my case, but § looks the same",
        "I have the same problem as §",
        "Your forum: §, same here",
        "母の代わりに問い合わせています。§",
        "§と同様の症状です",
        "他の方の§と同じ問題",
        "§は私の番号ではありません",
    ],
)
def test_somebody_elses_number_is_heard(text: str) -> None:
    assert phrases.says_somebody_elses(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "§，请查",
        "我的§还没好",
        "我给客户发邮件被退，§",
        "你们同事给我的§",
        "其他的都好了，就§没好",
        "跟我之前的§一样",
        "和之前报的§是同一件事",
        "我同事也遇到了，我的§",
        "老板在催，§什么时候好",
        "客户编号123，§",
        "我是楼主，§",
        "I am the OP, §",
        "Your colleague gave me §",
        "My client cannot open the mail, §",
        "the same problem again, §",
        "私の§と同じ症状がまた出ました",
        "前回の§と同じです",
        "他の問題は解決しましたが§はまだです",
    ],
)
def test_own_number_is_not_taken_for_somebody_elses(text: str) -> None:
    assert not phrases.says_somebody_elses(text)


def withdrawn(text: str) -> set[str]:
    """The numbers that a text takes back, its numbers written as #1, #2 …"""
    spans = [(found.group(), found.start(), found.end()) for found in re.finditer(r"#\d", text)]
    return set(phrases.withdrawn_numbers(text, spans))


@pytest.mark.parametrize(
    "text",
    [
        "#1，打错了，应该是#2",
        "案号#1 不对，是#2",
        "不是#1，是#2",
        "说错了不是#1是#2",
        "#1 #2（前面那个写错了）",
        "#1，更正：#2",
        "#1 sorry I meant #2",
        "Case #1 - typo, #2",
        "not #1 but #2",
        "Ref #1 (wrong number), it should be #2",
        "#1ではなく#2です",
        "#1と書きましたが間違いで、正しくは#2です",
    ],
)
def test_number_put_right_is_withdrawn(text: str) -> None:
    assert withdrawn(text) == {"#1"}


@pytest.mark.parametrize(
    "text",
    [
        "#1",
        "#1和#2",
        "#1好了可以关，#2退款什么时候到",
        "#1应该是好了，#2呢",
        "#1 扣错钱了，#2呢",
        "是不是#1，还有#2",
        "#1 is solved, but #2 is not",
        "my cases are #1, #2 and both are wrong",
        "#1と#2は同じ件です",
    ],
)
def test_two_numbers_that_both_count_stay(text: str) -> None:
    assert withdrawn(text) == set()


AUTO_REPLIES = (
    "自动回复：我不在",
    "【自动回复】您好",
    "这是一封自动回复邮件，请勿回复",
    "自動回覆：本人休假中",
    "您好，我正在休假，11月9日回来后回复您",
    "Automatic reply: on leave",
    "Out of Office: back on Monday",
    "This is an automated response.",
    "I am out of the office until Friday and will reply then.",
    "Thank you for your email. I am currently on vacation.",
    "自動返信：不在にしております",
    "ただいま休暇中のため返信できません",
)
BOUNCES = (
    "Undelivered Mail Returned to Sender\n\nThis is the mail system at host mx",
    "Delivery Status Notification (Failure)\nFinal-Recipient: a@b.example",
    "系统退信：无法投递",
    "配信エラー：a@b.example",
)
ABOUT_MACHINES = (
    "",
    "你好",
    "自动回复怎么关",
    "自动回复设好了却一封都没发出去",
    "收到一封自动回复：这是什么",
    "休假申请邮件发不出去",
    "我出差了，在酒店登录不上",
    "我给客户发信收到系统退信",
    "系统退信怎么回事",
    "Out-of-office is still answering though my leave ended.",
    "mail delivery failed when I write to gmail",
    "I get a bounce: Undelivered Mail Returned to Sender",
    "自動返信を設定したのに返信されません",
    "不在通知の設定方法を教えてください",
)


@pytest.mark.parametrize("text", AUTO_REPLIES)
def test_automatic_reply_is_told_by_its_beginning(text: str) -> None:
    assert phrases.machine_made("kim@shop.example", text) == "auto_reply"


@pytest.mark.parametrize("text", BOUNCES)
def test_bounce_is_told_by_its_beginning(text: str) -> None:
    assert phrases.machine_made("kim@shop.example", text) == "bounce"


@pytest.mark.parametrize("text", ABOUT_MACHINES)
def test_person_who_writes_about_machines_is_a_person(text: str) -> None:
    assert phrases.machine_made("kim@shop.example", text) == ""


@pytest.mark.parametrize(
    ("sender", "made_by"),
    [
        ("MAILER-DAEMON@mx.example", "bounce"),
        ("postmaster@shop.example", "bounce"),
        ("bounces+17@lists.example", "bounce"),
        ("Mail Delivery System <mailer-daemon@mx.example>", "bounce"),
        ("bouncer@shop.example", ""),
        ("postman@shop.example", ""),
        ("kim@mailer-daemon.example", ""),
    ],
)
def test_bounce_is_told_by_its_sender(sender: str, made_by: str) -> None:
    assert phrases.machine_made(sender, "hello") == made_by


@pytest.mark.parametrize(
    "text",
    [
        "谢谢",
        "好的，谢谢！",
        "已经好了，謝謝",
        "👍",
        "§ 好了，谢谢",
        "ok thanks",
        "It works now, thanks",
        "Thank you so much for your help!",
        "解決しました。ありがとうございます！",
    ],
)
def test_thanks_are_a_courtesy(text: str) -> None:
    assert phrases.is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "§",
        "你好",
        "在吗",
        "谢谢，但是还不行",
        "好慢",
        "好了吗？",
        "解决了吗",
        "没解决",
        "ok?",
        "thanks but it is still broken",
        "谢谢，发票怎么开",
        "ありがとう、でもまだです",
    ],
)
def test_text_that_wants_something_is_no_courtesy(text: str) -> None:
    assert not phrases.is_courtesy(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "在吗",
        "你好，在吗？",
        "有人吗有人吗",
        "转人工",
        "谢谢",
        "hello, anyone there?",
        "こんにちは",
    ],
)
def test_opener_says_nothing_yet(text: str) -> None:
    assert phrases.is_opener(text)


@pytest.mark.parametrize(
    "text",
    [
        "在吗 收不到信",
        "你好我的号被盗了",
        "hi my mail bounces",
        "history is empty",
        "こんにちは、届きません",
    ],
)
def test_greeting_with_a_problem_is_no_opener(text: str) -> None:
    assert not phrases.is_opener(text)


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("已通过官网渠道提交", "web_form"),
        ("在官網填過表", "web_form"),
        ("I already submitted this on your website", "web_form"),
        ("ウェブサイトから送信済みです", "web_form"),
        ("给你们发过邮件", "email"),
        ("already sent by e-mail", "email"),
        ("メールで問い合わせました", "email"),
        ("微信公众号上说过了", "wechat"),
        ("QQ那边也说过了", "qq"),
        ("posted on the forum", "forum"),
        ("打过你们电话", "phone"),
        ("从网站注册的邮件没收到", ""),
        ("我的邮件发不出去", ""),
        ("QQ邮箱登录不上", ""),
        ("the website is down", ""),
        ("サイトが開けません", ""),
    ],
)
def test_declared_source_is_where_the_author_wrote_before(text: str, source: str) -> None:
    assert phrases.declared_source(text) == source


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("收不到验证码", {"login"}),
        ("退款没收到", {"billing"}),
        ("附件打不开", {"attachment"}),
        ("每天收到卖发票的垃圾邮件", {"spam"}),
        ("忘记密码怎么找回", {"login"}),
        ("The capital of my rapid download is low", {"attachment"}),
        ("My invoices were charged", {"billing"}),
        ("QM-5040-5020-11 在哪里", set()),
        ("ﾛｸﾞｲﾝできません", {"login"}),
    ],
)
def test_topics_are_told_by_whole_words(text: str, topics: set[str]) -> None:
    assert phrases.topics_of(text) == topics


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("退信 554 DT:SPM", {"554"}),
        ("错误40013，接口", {"40013"}),
        ("0x800CCC0E in Outlook", {"0x800ccc0e"}),
        ("扣了99元，2026年", set()),
    ],
)
def test_error_codes_are_read(text: str, codes: set[str]) -> None:
    assert phrases.codes_in(text) == codes


def test_numbers_are_replaced_where_they_stand() -> None:
    assert phrases.without_numbers("a 123 b 456", [(8, 11), (2, 5)]) == "a § b §"


def test_overlapping_numbers_are_replaced_once() -> None:
    assert phrases.without_numbers("a 123 b", [(2, 5), (3, 5)]) == "a § b"


def test_only_the_beginning_of_a_text_is_weighed() -> None:
    filling = "收件箱 " * (MOST_WEIGHED // 4 + 1)

    assert phrases.topics_of(filling + "发票") == {"mail_flow"}
    assert not phrases.starts_new_problem(filling + "另外发票怎么开？", ["收件箱空白"])

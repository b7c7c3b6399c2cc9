"""Mail: quoted blocks, forwards, subjects, automatic replies and bounces."""

from tests.tickets.storytelling import Story, agent_closes, agent_replies, says, story

MAIL = {"email:kim@shop.example": "Kim", "email:ben@shop.example": "Ben", "qq:80011": "Kim"}
KIM, BEN = "email:kim@shop.example", "email:ben@shop.example"
QUOTES = {
    "en": "\n\nOn Mon, 2 Nov 2026 at 10:00, Support <help@desk.example> wrote:\n> {CASE1}\n> Hi",
    "zh": "\n\n在 2026年11月2日 10:00，客服 <help@desk.example> 写道：\n\n> 案号 {CASE1}",
    "ja": "\n\n2026年11月2日(月) 10:00 サポート <help@desk.example>:\n\n> 受付番号 {CASE1}",
    "outlook": "\n\n-----原始邮件-----\n发件人: 客服\n主题: 已受理 {CASE1}\n您好",
}
AUTO_REPLIES = (
    "自动回复：我正在休假，下周一回来。案号 {CASE1} 相关事宜请联系同事。",
    "【自动回复】您的来信已收到 {CASE1}",
    "Automatic reply: Case {CASE1}\nI am out of the office until Monday.",
    "Out of Office: Re: [{CASE1}]\nBack on 9 November.",
    "自動返信：ただいま不在にしております。\n> 受付番号 {CASE1}",
    "I am currently on leave and will answer after 10 Nov.\n> {CASE1}",
)
BOUNCES = (
    (
        "MAILER-DAEMON@mail.example",
        "This is the mail system at host mx.\nYour message could not be delivered.\n> {CASE1}",
    ),
    (
        "MAILER-DAEMON@mx.example",
        "Undelivered Mail Returned to Sender\n550 5.1.1 user unknown\nSubject: [{CASE1}]",
    ),
    ("postmaster@shop.example", "系统退信：无法投递到 kim@shop.example\n原邮件主题：回复 {CASE1}"),
    ("mailer-daemon@mx.example", "メール配信エラー\n件名: {CASE1} について"),
    ("bounce+12ab@lists.example", "Delivery Status Notification (Failure)\n> Your case {CASE1}"),
)

STORIES: tuple[Story, ...] = (
    *(
        story(
            "quoted_block",
            f"number only in the quoted part ({name})",
            says(0, KIM, "网页版翻页报错"),
            says(4000, KIM, f"问题还在。{quote}"),
            links=MAIL,
        )
        for name, quote in QUOTES.items()
    ),
    story(
        "quoted_block",
        "quoted number, new question: stays, as the quote says",
        says(0, KIM, "域名解析验证不过"),
        says(500, KIM, f"好了，谢谢。顺便问下退款怎么申请？{QUOTES['zh']}"),
        links=MAIL,
    ),
    story(
        "quoted_block",
        "own number in the text outweighs the quoted one",
        says(0, KIM, "The calendar is empty"),
        says(3000, "qq:80011", "发票抬头写错了", lands="T2"),
        says(4000, KIM, f"This is about {{CASE2}}, not the old one.{QUOTES['en']}", lands="T2"),
        tickets=2,
        links=MAIL,
    ),
    story(
        "quoted_block",
        "somebody else's number in the quoted part",
        says(0, KIM, "草稿丢失"),
        says(500, BEN, f"我也想问这个{QUOTES['zh']}", lands="T2", review="must"),
        tickets=2,
        links=MAIL,
    ),
    story(
        "closed",
        "subject line with the number, weeks later",
        says(0, KIM, "邮件签名乱码"),
        agent_replies(60, "T1", "已修复，案号 {CASE1}"),
        agent_closes(1500, "T1"),
        says(25000, KIM, "Re: [{CASE1}] 邮件签名乱码\n又乱码了，跟上回一样", review="must"),
        links=MAIL,
    ),
    story(
        "multi_issue",
        "subject with the number, another problem below",
        says(0, KIM, "邮件签名乱码"),
        says(
            900,
            KIM,
            "Re: [{CASE1}] 邮件签名乱码\n签名好了。另外公司发票怎么还没寄？",
            review="must",
        ),
        links=MAIL,
    ),
    story(
        "forward",
        "a colleague forwards the answer",
        says(0, KIM, "Invoices go to junk"),
        says(
            300,
            "email:new@shop.example",
            "FYI, this is my colleague's ticket {CASE1}, please send me a copy too.",
            lands="T2",
            review="must",
        ),
        tickets=2,
        links=MAIL,
    ),
    story(
        "forward",
        "the owner forwards from a new address",
        says(0, KIM, "Invoices go to junk"),
        says(
            300,
            "email:kim.private@post.example",
            "Writing from my private address now.\n\n---------- Forwarded message ---------\n"
            "From: Support\nSubject: [{CASE1}]\n\nHello",
            review="may",
        ),
        links=MAIL,
    ),
    *(
        story(
            "auto_reply",
            f"automatic reply: {text[:18]}",
            says(0, KIM, "申请扩容"),
            agent_replies(30, "T1", "请确认，案号 {CASE1}"),
            says(31, KIM, text),
            links=MAIL,
        )
        for text in AUTO_REPLIES
    ),
    story(
        "auto_reply",
        "automatic reply without any number",
        says(0, KIM, "申请扩容"),
        agent_replies(30, "T1", "请确认"),
        says(31, KIM, "自动回复：出差中，11月9日返回。"),
        says(6000, KIM, "自动回复：出差中，11月9日返回。"),
        links=MAIL,
    ),
    story(
        "auto_reply",
        "automatic reply to a closed case reopens nothing",
        says(0, KIM, "申请扩容"),
        agent_closes(30, "T1"),
        says(31, KIM, "Automatic reply: I am away until Friday. [{CASE1}]"),
        says(40, KIM, "谢谢"),
        links=MAIL,
    ),
    story(
        "about_auto_reply",
        "a question about automatic replies is a person's",
        says(0, KIM, "自动回复怎么关不掉？"),
        says(10, KIM, "假期早结束了"),
        links=MAIL,
    ),
    *(
        story(
            "auto",
            f"bounce: {text[:18]}",
            says(0, KIM, "退信太多"),
            agent_replies(30, "T1", "案号 {CASE1} 处理中"),
            says(32, f"email:{sender}", text, review="must"),
            links=MAIL,
        )
        for sender, text in BOUNCES
    ),
    story(
        "about_bounces",
        "a customer shows a bounce: a person's",
        says(0, KIM, "给客户发信收到系统退信：550 user unknown，怎么回事？"),
        says(5, KIM, "Undelivered Mail Returned to Sender 这封是什么意思？"),
        links=MAIL,
    ),
)

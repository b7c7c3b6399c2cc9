"""Somebody quotes a number that is not their own: from a forum, a friend, by accident."""

from tests.tickets.storytelling import Story, says, story

TWO = {"forum:catlover": "Kim", "forum:dogperson": "Ben", "chat:s-1": "Kim", "chat:s-2": "Ben"}
BEN_ASKS = (
    "我和 {CASE1} 是一个毛病",
    "楼主的{CASE1}有结果了吗？同求",
    "Same problem as {CASE1} here, any workaround?",
    "{CASE1}と同じ症状です",
    "{CASE1}",
    "案号{CASE1}麻烦看下",
)
NEWCOMERS_SAY = (
    "跟楼主{CASE1}一模一样，我的也这样",
    "帮同事问一下，案号{CASE1}什么时候能好",
    "这是我朋友的案号{CASE1}，他让我来催",
    "{CASE1}是我老婆的工单，能查吗",
    "和{CASE1}同样的问题，求解决",
    "My colleague's case {CASE1} is still open, can you check?",
    "I'm asking on behalf of my boss, ticket {CASE1}",
    "Same issue as {CASE1}, since this morning",
    "同僚の受付番号{CASE1}について伺います",
    "スレ主さんの{CASE1}と同じ症状が出ています",
    "不是我的案号，群里有人发的{CASE1}，我也遇到了",
)

STORIES: tuple[Story, ...] = (
    *(
        story(
            "stranger",
            f"a known customer quotes another's number: {text[:14]}",
            says(0, "forum:catlover", "发帖：邮件列表加载不出来"),
            says(50, "forum:dogperson", text, lands="T2", review="must"),
            tickets=2,
            links=TWO,
        )
        for text in BEN_ASKS
    ),
    *(
        story(
            "stranger",
            f"a newcomer says whose number it is: {text[:14]}",
            says(0, "chat:s-1", "附件预览是空白的"),
            says(90, "weibo:passerby", text, lands="T2", review="must"),
            tickets=2,
            links=TWO,
        )
        for text in NEWCOMERS_SAY
    ),
    story(
        "stranger",
        "own case first, then the thread's number: a case of its own for that",
        says(0, "forum:catlover", "登录二维码一直过期"),
        says(30, "forum:dogperson", "我这边二维码也过期", lands="T2"),
        says(40, "forum:dogperson", "楼主的{CASE1}官方回了没", lands="T3", review="must"),
        says(45, "forum:dogperson", "等消息", lands="T3"),
        tickets=3,
        links=TWO,
    ),
    story(
        "stranger",
        "own number decides when another's stands beside it",
        says(0, "forum:catlover", "手机收不到推送"),
        says(30, "chat:s-2", "推送没了", lands="T2"),
        says(3000, "chat:s-2", "我的{CASE2}和{CASE1}是不是一个原因", lands="T2", review="must"),
        tickets=2,
        links=TWO,
    ),
    story(
        "stranger",
        "claimed one case, then quotes another customer's",
        says(0, "chat:s-1", "退款没收到"),
        says(10, "chat:s-2", "扫码登录失败", lands="T2"),
        says(100, "wechat:wx_new", "{CASE1}什么时候退", review="may"),
        says(110, "wechat:wx_new", "{CASE2}呢", lands="T3", review="must"),
        tickets=3,
        links=TWO,
    ),
    story(
        "weak_other_customer",
        "bare digits of somebody else in a new chat",
        says(0, "chat:s-1", "邮件被退回"),
        says(30, "chat:s-2", "{CASE1.digits} 查一下", lands="T2", review="must"),
        tickets=2,
        links=TWO,
    ),
    story(
        "weak_other_customer",
        "bare digits of somebody else in a running chat",
        says(0, "chat:s-1", "邮件被退回"),
        says(20, "chat:s-2", "昵称改不了", lands="T2"),
        says(30, "chat:s-2", "短信里说{CASE1.digits}，这是啥", lands="T2", review="must"),
        tickets=2,
        links=TWO,
    ),
    story(
        "weak_other_customer",
        "bare digits from an identity never seen",
        says(0, "chat:s-1", "The inbox is blank"),
        says(30, "weibo:newbie", "{CASE1.digits}", lands="T2", review="must"),
        tickets=2,
        links=TWO,
    ),
    story(
        "weak_nobody",
        "ten digits that are no number at all",
        says(0, "chat:s-1", "我的订单 1234567890 没有发票"),
        says(5, "chat:s-1", "手机号13800138000"),
        links=TWO,
    ),
    story(
        "two_customers_one_outage",
        "the same outage, no numbers",
        says(0, "chat:s-1", "网页版504了"),
        says(2, "chat:s-2", "504 打不开邮箱", lands="T2"),
        says(3, "forum:someone", "Is the site down? 504", lands="T3"),
        says(6, "chat:s-2", "多久能修好", lands="T2"),
        says(7, "chat:s-1", "还是504"),
        tickets=3,
        links=TWO,
    ),
    story(
        "own_on_forum",
        "the owner posts the number in public",
        says(0, "chat:s-1", "发送大附件失败"),
        says(30, "forum:catlover", "官方受理了，{CASE1}，大家别急"),
        links=TWO,
    ),
)

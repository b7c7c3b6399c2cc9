"""Identities that nobody has linked yet quote a number: a claim, or the start of one."""

from tests.tickets.storytelling import Story, agent_closes, agent_merges, agent_replies, says, story

KIM = {"web:kim": "Kim"}

STORIES: tuple[Story, ...] = (
    *(
        story(
            "claim",
            f"a newcomer quotes the number: {text[:14]}",
            says(0, "web:kim", "苹果自带邮件加不上账号"),
            says(100, "wechat:wx_1", text, review="may"),
            says(103, "wechat:wx_1", "急"),
            links=KIM,
        )
        for text in (
            "{CASE1}好了没",
            "之前在官网提交过，案号{CASE1}，补个截图",
            "我的工单{CASE1.fw}",
            "受付番号は{CASE1.lower}です",
            "Hi, my case number is {CASE1}, I wrote by e-mail before",
            "你们同事给我的案号是{CASE1}",
            "和我之前提的{CASE1}是同一个问题",
        )
    ),
    story(
        "claim",
        "a claim, then something else in the same chat",
        says(0, "web:kim", "文件中转站下载很慢"),
        says(100, "qq:70001", "案号{CASE1}，还是慢", review="may"),
        says(130, "qq:70001", "对了，怎么注销邮箱？", lands="T2"),
        tickets=2,
        links=KIM,
    ),
    story(
        "claim",
        "the number again, as bare digits",
        says(0, "web:kim", "スケジュールの通知が来ません"),
        says(100, "qq:70001", "{CASE1}の件です", review="may"),
        says(130, "qq:70001", "番号は{CASE1.digits}", review="may"),
        links=KIM,
    ),
    story(
        "claim",
        "two newcomers, one number",
        says(0, "web:kim", "登录提示异地"),
        says(100, "qq:70001", "{CASE1}", review="may"),
        says(200, "wechat:wx_2", "{CASE1}我也来催", review="may"),
        links=KIM,
    ),
    story(
        "claim",
        "of a closed case",
        says(0, "web:kim", "皮肤丢了"),
        agent_closes(50, "T1"),
        says(100, "qq:70001", "{CASE1}又丢了", review="must"),
        links=KIM,
    ),
    story(
        "claim",
        "of a merged case",
        says(0, "web:kim", "皮肤丢了"),
        says(3000, "web:kim", "主题皮肤不见了", lands="T2"),
        agent_merges(3100, "T2", "T1"),
        says(3200, "qq:70001", "{CASE2}", review="must"),
        tickets=2,
        links=KIM,
    ),
    story(
        "claim",
        "an agent answers while the claim stands",
        says(0, "web:kim", "打印邮件缺页"),
        says(100, "qq:70001", "补充{CASE1}：只有PDF缺页", review="may"),
        agent_replies(120, "T1", "收到，案号 {CASE1} 处理中"),
        says(150, "web:kim", "好的"),
        links=KIM,
    ),
    story(
        "claim",
        "typed wrongly at first by a newcomer",
        says(0, "web:kim", "邮件模板保存失败"),
        says(100, "qq:70001", "案号{CASE1.typo}", lands="", review="must"),
        says(101, "qq:70001", "错了，{CASE1}", review="may"),
        says(102, "qq:70001", "麻烦快点"),
        links=KIM,
    ),
    story(
        "claim",
        "number of the fresh case after a correction still leads to the case",
        says(0, "web:kim", "邮件模板保存失败"),
        says(100, "web:kim", "案号{CASE1.typo}", lands="", review="must"),
        says(101, "web:kim", "错了，{CASE1}"),
        says(9000, "web:kim", "再问下{CASE1}"),
        links=KIM,
    ),
    story(
        "duplicate_no_number",
        "the same problem at another door, without a number",
        says(0, "web:kim", "给学校发的成绩单被退信 550"),
        says(60, "email:kim@shop.example", "发给学校的成绩单退信了，550，怎么回事", lands=""),
        tickets=2,
        tickets_min=1,
        links={**KIM, "email:kim@shop.example": "Kim"},
    ),
    story(
        "duplicate_no_number",
        "says where it was sent before, but not the number",
        says(0, "web:kim", "企业域名 TXT 验证失败"),
        says(60, "qq:70002", "我在官网提交过了，域名验证那个", lands=""),
        tickets=2,
        tickets_min=1,
        links={**KIM, "qq:70002": "Kim"},
    ),
)

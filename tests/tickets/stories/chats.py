"""One endless chat: what goes on, what is new, and where a day's silence draws the line."""

from tests.tickets.storytelling import Story, agent_closes, agent_replies, says, story

KIM = {"chat:s-7": "Kim", "qq:80011": "Kim"}

GOES_ON = (
    ("收件箱空白", "清了缓存，还是空白"),
    ("收件箱空白", "刷新后提示502"),
    ("发信提示553", "用foxmail和网页都一样"),
    ("忘了密码进不去", "我的手机号是尾号8021"),
    ("日历提醒不响", "怎么还没人回？"),
    ("日历提醒不响", "能不能快点，急用"),
    ("附件下载失败", "另外附上截图"),
    ("附件下载失败", "另外，我用的是Windows 11"),
    ("发送带附件的邮件报错502", "登录网页版试过了，也不行"),
    ("重复扣了会员费", "什么时候能退给我？"),
    ("重复扣了会员费", "顺便问下，退款多久到账"),
    ("收不到公司群发的信", "不是新问题，还是群发那个"),
    ("My login code never arrives", "I tried another phone, same thing"),
    ("My login code never arrives", "Also, it has been two days. When will it be fixed?"),
    ("Upload freezes at 99%", "It also freezes in Chrome"),
    ("Upload freezes at 99%", "hello? anyone there?"),
    ("メールが届きません", "再起動しましたが、まだ届きません"),
    ("メールが届きません", "また、昨日から同じ症状です"),
    ("添付が開けません", "いつ頃直りますか"),
    ("今天网页很卡", "谢谢"),
)
STARTS_ANEW = (
    ("收不到验证码", "重复扣了我两次会员费"),
    ("收不到验证码", "顺便问一下，怎么改昵称？"),
    ("发出去的邮件被退回", "对了，发票怎么开"),
    ("附件传不上去", "另外开一个：附件下载也打不开"),
    ("日历提醒不响", "还有个问题，通讯录怎么导出到表格"),
    ("收件箱空白", "换个问题，企业邮箱加席位多少钱"),
    ("IMAP一直断开", "你们的发票抬头能改吗"),
    ("签名图片不显示", "谢谢，好了。另外想问下怎么设置自动转发"),
    ("The attachment is empty", "By the way, how can I get an invoice?"),
    ("The attachment is empty", "I have another question: can I change my nickname?"),
    ("Cannot log in", "How do I export my contacts?"),
    ("ログインできません", "ところで、領収書はどこで発行できますか"),
    ("添付が開けません", "別件です。転送設定を教えてください"),
    ("迷惑メールが多い", "パスワードを変更したいのですが、どうすればいいですか"),
    ("垃圾郵件太多", "另外想請問，發票怎麼申請？"),
)

STORIES: tuple[Story, ...] = (
    *(
        story(
            "followup_same_session",
            f"goes on: {first[:8]} … {then[:16]}",
            says(0, "chat:s-7", first),
            says(12, "chat:s-7", then),
            links=KIM,
        )
        for first, then in GOES_ON
    ),
    *(
        story(
            "new_in_session",
            f"starts anew: {first[:8]} … {then[:16]}",
            says(0, "chat:s-7", first),
            says(12, "chat:s-7", then, lands="T2"),
            tickets=2,
            links=KIM,
        )
        for first, then in STARTS_ANEW
    ),
    story(
        "followup_same_session",
        "greeting, problem, picture, more",
        says(0, "qq:80011", "你好，在吗"),
        says(2, "qq:80011", "我的定时邮件没发出去"),
        says(3, "qq:80011", "", "sent.png"),
        says(4, "qq:80011", "昨晚设的"),
        says(200, "qq:80011", "人呢？？"),
        links=KIM,
    ),
    story(
        "followup_same_session",
        "answers an agent's question in other words",
        says(0, "qq:80011", "收信特别慢"),
        agent_replies(20, "T1", "请问您用的是网页还是客户端？密码最近改过吗？"),
        says(30, "qq:80011", "用的是foxmail，密码没有改过"),
        links=KIM,
    ),
    story(
        "followup_same_session",
        "just under a day later",
        says(0, "qq:80011", "星标邮件不见了"),
        says(1439, "qq:80011", "还是没有"),
        links=KIM,
    ),
    story(
        "late_followup",
        "more than a day later",
        says(0, "qq:80011", "星标邮件不见了"),
        says(1441, "qq:80011", "草稿也找不到", lands="T2"),
        tickets=2,
        links=KIM,
    ),
    story(
        "late_followup",
        "an answer of ours begins the day anew",
        says(0, "qq:80011", "星标邮件不见了"),
        agent_replies(1000, "T1", "请提供一封样例的主题"),
        says(2200, "qq:80011", "主题是周报"),
        links=KIM,
    ),
    story(
        "after_close",
        "thanks after closing opens nothing",
        says(0, "qq:80011", "自定义文件夹建不了"),
        agent_closes(60, "T1"),
        says(65, "qq:80011", "好的，谢谢啦～"),
        links=KIM,
    ),
    story(
        "after_close",
        "another problem after closing",
        says(0, "qq:80011", "自定义文件夹建不了"),
        agent_closes(60, "T1"),
        says(300, "qq:80011", "会员怎么退订", lands="T2"),
        says(301, "qq:80011", "扣了我98块", lands="T2"),
        tickets=2,
        links=KIM,
    ),
    story(
        "several_in_session",
        "three problems one after another",
        says(0, "chat:s-7", "邮箱登录不上，密码没错"),
        says(10, "chat:s-7", "顺便问下，发票多久能开出来", lands="T2"),
        says(15, "chat:s-7", "抬头是个人", lands="T2"),
        says(40, "chat:s-7", "还有一个问题：通讯录怎么合并", lands="T3"),
        says(60, "chat:s-7", "{CASE1}现在可以登录了"),
        tickets=3,
        links=KIM,
    ),
    story(
        "followup_same_session",
        "goes on about the old and adds something: a person should look",
        says(0, "chat:s-7", "收不到验证码"),
        says(30, "chat:s-7", "还是收不到。另外发票怎么开？", review="must"),
        links=KIM,
    ),
)

"""The words by which messages of a mail service's customers are understood, in three languages."""

from typing import Final

from .folding import words

# What a message is about. A subject is known by any of its words; Latin ones also in the plural,
# the past and with -ing.
_TOPICS: Final = {
    "login": (
        "登录|登陆|登不|登入|登出|密码|验证码|短信码|滑块|拼图|二维码|扫码|盗号|被盗|锁定|异地",
        "冻结|封号|解封|申诉",
        "账号安全|账户安全|二次验证|两步验证|独立密码|换绑|绑定手机|手机号|短信验证|设备信任",
        "设备管理|踢下线|身份验证|实名|号封了|log in|login|logging in|logged out",
        "log into|sign in|signing in|signed out|sign-in|password|passcode|verification code",
        "sms code|captcha|2fa",
        "two-factor|two-step|locked out|account locked|hacked|hijacked|phishing link",
        "suspicious login|appeal",
        "ログイン|サインイン|パスワード|認証コード|確認コード|二段階認証|2段階認証|乗っ取",
        "ロックされ|凍結|電話番号の変更|本人確認",
    ),
    "closing": (
        "注销|销号|delete my account|close my account|cancel my account|退会|アカウント削除",
        "アカウントを削除",
    ),
    "mail_flow": (
        "收不到|发不出|寄出|回信|没有回音|草稿箱|在草稿|对账单|发不了|发信|收信|发邮件|收邮件",
        "收件箱|退信|被退|退回|发送失败|发送不|投递|延迟到|没收到邮件",
        "没收到信|拒收|群发|群邮件|抄送|密送|代收|发送中|已发送|定时发送|bounce|cannot send",
        "can't send|unable to send|can't receive",
        "not receiving|not received|never arrive|inbox|undelivered|delivery failed",
        "outgoing mail|incoming mail",
        "greylist|sent mail|scheduled mail|newsletter|delivery delayed|送れない|送れません|送信",
        "受信|届か|届き|届いて|不達|エラーメール|返送|一斉送信|予約送信|メールの到着|メールが来",
        "never came|never arrived|did not arrive",
    ),
    "spam": (
        "垃圾邮件|垃圾信|posing as|scammer|垃圾箱|误判|拦截|黑名单|白名单|反垃圾|广告邮件|钓鱼",
        "诈骗|自称|借钱|骗子|冒充|spam|junk|phishing",
        "退订|拉黑|屏蔽|勒索|unsubscribe|extortion|blacklist|whitelist|blocklist|allowlist",
        "allow list|scam|迷惑メール|迷惑フォルダ|フィッシング|なりすまし|詐欺|ブロックした",
        "着信拒否",
    ),
    "attachment": (
        "附件|上传|下载|压缩包|大文件|中转站|网盘|winmail.dat|download|attachment|upload",
        "file transfer|添付|アップロード|ダウンロード|ファイル便|大容量ファイル",
    ),
    "billing": (
        "年费|扣费|扣了|扣款|扣钱|多扣|退款|退钱|退费|发票|开票|抬头|税号|对公|转账|盖章|续费",
        "付款|支付|账单|价格|报价|收费|充值|套餐",
        "会员|优惠|涨价|月费|签合同|采购合同|服务合同|试用|refund|invoice|billing|charge",
        "payment|paid|renewal|renew|subscription",
        "price|pricing|receipt|vat|premium plan|annual plan|discount|contract|free trial|返金",
        "請求|領収書|料金|支払",
        "決済|課金|引き落とし|プラン|契約プラン|契約更新|有料|値上げ|二重に",
    ),
    "seats": (
        "席位|企业邮箱加|企业邮箱开通|开通企业邮箱|员工账号|加人|人数|成员账号|管理员|子账号",
        "企业版|企业后台|管理后台|离职|seat|licence|license|admin console",
        "administrator|user limit|more users|new employee|管理者|管理画面|ユーザー数|ライセンス",
        "アカウントを追加|退職",
    ),
    "client": (
        "imap|pop3|pop|smtp|starttls|收件服务器|发件服务器|受权码|exchange|activesync|授权码",
        "foxmail|outlook|客户端|thunderbird|apple mail|iphone自带",
        "苹果自带|证书|certificate|証明書|mail client|mail app|third-party app|app password",
        "authorization code|メールソフト|クライアント",
        "メールアプリ|サンダーバード|標準メール",
    ),
    "api": (
        "api|接口|回调|webhook|token|sdk|oauth|appid|app id|appsecret|限流|沙箱|开发者文档",
        "rate limit|endpoint",
        "developer docs|コールバック|エンドポイント|アクセストークン|開発者",
    ),
    "contacts": ("通讯录|联系人|contact list|contacts|address book|连络先|連絡先|アドレス帳",),
    "calendar": (
        "日历|日程|提醒不|农历|会议邀请|calendar|reminder|meeting invite|カレンダー|予定表",
        "リマインダー",
    ),
    "signature": ("签名|个性签名|signature|署名",),
    "interface": (
        "界面|快捷键|时区|语言设置|贺卡|漂流瓶|左侧栏|旧版|interface|layout|shortcut|time zone",
        "timezone|language setting",
        "画面の|言語設定|タイムゾーン|表示件数",
    ),
    "profile": (
        "昵称|头像|皮肤|主题颜色|换主题|深色模式|夜间模式|字体|nickname|display name|avatar",
        "profile picture",
        "dark mode|theme|skin|font size|ニックネーム|表示名|アイコン|ダークモード|テーマ",
        "プロフィール|着せ替え",
    ),
    "alias": ("别名|字母邮箱|英文邮箱名|英文名邮箱|alias|エイリアス|別名",),
    "domain": (
        "域名|dkim|spf|dmarc|mx记录|mx 记录|txt记录|txt验证|解析记录|domain|dns|mx record",
        "txt record|ドメイン|txtレコード",
        "mxレコード",
    ),
    "outage": (
        "打不开|崩了|很卡|好卡|卡死|卡顿|很慢|特别慢|好慢|白屏|空白|加载不|转圈|504|502|503|500",
        "outage|timeout|timed out|site is down|is down|blank page",
        "won't load|not loading|開けない|開けません|開きません|落ちて|真っ白|表示されません",
        "読み込め",
    ),
    "search": ("搜索|搜不到|搜不出|查找邮件|search results|search|検索",),
    "folders": (
        "文件夹|收信规则|过滤规则|规则|收信过滤|来信分类|自动转发|转发设置|归档|标签|星标",
        "folder|forwarding rule|auto-forward",
        "forwarding|filter|label|archive|フォルダ|転送設定|自動転送|振り分け|ラベル|アーカイブ",
    ),
    "vacation": (
        "假期回复|休假回复|自动回复|out-of-office|vacation responder|auto-reply|autoreply",
        "不在通知|自動返信",
    ),
    "lost_mail": (
        "误删|删掉了|删没|删了|找回|删除的邮件|回收站|已删除|恢复邮件|找回邮件|邮件丢|邮件没了",
        "deleted|trash|restore|recover",
        "missing mail|lost mail|誤って消|誤って削除|消してしま|ゴミ箱|復元|消えました",
    ),
    "quota": (
        "容量|空间不足|空间满|空间已满|扩容|storage|quota|mailbox full|mailbox is full|容量不足",
        "空き容量|いっぱい",
    ),
    "migration": (
        "搬家|迁移|导入邮件|导出邮件|备份邮件|migrate|migration|import mail|export mail|backup",
        "back up|移行|バックアップ",
    ),
    "ads": ("广告|advert|ads|广告弹窗|広告",),
    "translation": ("翻译|translate|translation|翻訳",),
    "recall": ("撤回|召回|recall|unsend|送信取り消し|送信取消|取り消し",),
    "print": ("打印|printing|print|印刷",),
    "notification": (
        "推送|新邮件提醒|不提醒|声音提醒|提示音|通知不|push notification|notification|通知が",
        "通知音|プッシュ",
    ),
    "garbled": ("乱码|garbled|mojibake|encoding|文字化け",),
}
TOPICS: Final = {name: words(*lists) for name, lists in _TOPICS.items()}

# Subjects that come with any problem: where and how it shows. Alone they begin no new one.
CIRCUMSTANCES: Final = frozenset({"client", "outage", "search", "notification", "garbled"})

# Where one looks for the cause of the other: without more words, no new problem either.
NEAR: Final = {
    "mail_flow": frozenset({"spam", "quota", "folders", "lost_mail", "domain"}),
    "login": frozenset({"spam", "client"}),
    "spam": frozenset({"mail_flow", "folders"}),
    "attachment": frozenset({"mail_flow", "quota"}),
    "client": frozenset({"mail_flow", "login"}),
    "domain": frozenset({"mail_flow", "spam"}),
    "api": frozenset({"mail_flow", "login"}),
    "lost_mail": frozenset({"folders", "mail_flow"}),
    "quota": frozenset({"mail_flow", "attachment"}),
}

PEOPLE: Final = (
    "女朋友|男朋友|朋友|同事|同学|同伴|家人|亲戚|爱人|对象|老公|老婆|丈夫|妻子|男友|女友|室友",
    "舍友|邻居|领导|老板",
    "上司|主管|经理|客户|老师|学生|爸妈|爸爸|妈妈|我爸|我妈|父亲|母亲|儿子|女儿|哥哥|弟弟|姐姐",
    "妹妹|叔叔|阿姨",
    "网友|群友|别人|人家|别的用户|其他用户|其他人|另一个人|另一位用户",
)
PEOPLE_EN: Final = (
    "friend|colleague|coworker|co-worker|workmate|teammate|boss|manager|wife|husband|partner",
    "girlfriend",
    "boyfriend|mother|mom|mum|father|dad|parents|brother|sister|son|daughter|cousin|client",
    "customer",
    "neighbour|neighbor|roommate|flatmate|classmate|assistant|relative",
)
PEOPLE_JA: Final = (
    "友人|友達|ともだち|同僚|上司|部下|先輩|後輩|家族|妻|夫|主人|父|母|両親|息子|娘|兄|弟|姉|妹",
    "知人|知り合い",
    "他の人|他の方|ほかの人|ほかの方|別の人|別の方|他人|他の利用者|別の利用者|他のユーザー|取引先",
)

GREETINGS: Final = (
    "在吗|在么|在嘛|在不|在不在|在线吗|有人吗|有人么|有人在吗|有客服吗|客服在吗|人呢|你好|您好",
    "你们好|哈喽|嗨|喂|亲",
    "客服|人工|转人工|人工客服|找人工|早|早上好|早安|上午好|中午好|下午好|晚上好|打扰了",
    "打扰一下|请问|请问一下",
    "咨询一下|问一下|想问一下|有个问题|我有个问题|hi|hello|hey|hi there|hello there",
    "dear support|dear team",
    "anyone there|is anyone there|anybody here|are you there|good morning|good afternoon",
    "good evening|support",
    "help|i have a question|quick question|こんにちは|こんばんは|おはよう|おはようございます",
    "すみません",
    "もしもし|はじめまして|お世話になっております|お世話になります|いつもお世話になっております",
    "どなたかいますか",
    "質問があります|質問です|test|testing|测试|テスト",
)
COURTESIES: Final = (
    "👍|👌|🙏|❤|🌹|谢谢|谢谢你|谢谢您|谢谢你们|谢谢啦|谢了|多谢|感谢|非常感谢|十分感谢|太感谢了",
    "太好了|辛苦|辛苦了|麻烦了|麻烦你们了|谢",
    "好的|好|好了|好滴|好嘞|行|可以|可以了|嗯|嗯嗯|哦|收到|知道了|明白|明白了|了解|了解了|搞定",
    "搞定了|解决了",
    "已解决|已经解决|已经解决了|问题解决了|问题已解决|没问题了|没事了|不用了|恢复了|已恢复",
    "已经好了|都好了|现在好了",
    "现在可以了|能用了|正常了|已经正常了|ok|okay|k|thanks|thx|thank you|many thanks",
    "thanks a lot|so much",
    "very much|for your help|for the help|got it|noted|understood|solved|resolved|fixed",
    "it works|it works now",
    "works now|all good|perfect|great|awesome|cheers|sorted|problem solved|issue resolved",
    "never mind|now",
    "ありがとう|ありがとうございます|ありがとうございました|どうも|助かりました|解決しました",
    "無事解決しました",
    "直りました|了解|了解です|了解しました|承知しました|承知いたしました|わかりました",
    "分かりました|お世話になりました",
    "大丈夫です|できました",
)

SOURCES: Final = {
    "web_form": "官网|网站|网页|网页端|表单|website|web site|web form|online form|contact form|"
    "ウェブサイト|公式サイト|サイト|フォーム|ホームページ",
    "email": "邮件|电邮|e-mail|email|mail|メール",
    "qq": "qq",
    "wechat": "微信|公众号|wechat|weixin",
    "weibo": "微博|weibo",
    "forum": "论坛|社区|帖子|贴吧|发帖|forum|community|フォーラム|掲示板|コミュニティ",
    "phone": "电话|热线|phone|hotline|telephone|電話",
    "chat": "在线客服|网页聊天|聊天窗口|live chat|chat|チャット",
}

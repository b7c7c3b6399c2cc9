"""Recognise what customers did or tried: remedies, and sequences of two acts or more."""

import re
from typing import Final

from ..concepts import compiled

_REMEDY: Final = compiled(
    "都(?:做|弄|照做|操作)(?:过|了)|换[^，。]{1,4}[、，]换|停用~(?:又|再)启用|卸了|重新装|试(?:过"
    "|了|遍|用了)|都试|重(?:启|装)|重新(?:登|安装|添加|填|设|下|绑|发|上传|输|配|订|导|开|建|授权"
    "|生成|加)|重(?:登|设了|建|置了|传|填|配)"
    "|清(?:理|除|空|掉|了|过)*~(?:缓存|cookie|浏览器)|缓存~清|换(?:了|过|成|个|用|~(?:和"
    "|也)换)~(?:浏览器|网络?|电脑|端口|设备|客户端|token|线路|账号|密码|格式|[两三四五几]个|edge"
    "|chrome|火狐|手机|4g|wifi)|手机也?换|也换过"
    "|卸载|退出(?:重|账号|再|后再|登录再)|(?:关|停)(?:掉|了|闭)~再(?:打?开|启)|关了(?:防火墙|杀毒"
    "|vpn|代理)|照做|按(?:照)?~(?:你们|教程|说明|帮助|文档|步骤|客服|提示|要求|指引|指南)~(?:做"
    "|操作|验证|改|设|弄|来|加|配|重|说的|$)"
    "|照(?:客服|文档|你们|着|教程|说明)|一步(?:步|一步)|加(?:进|入|到|了)~白名单|点(?:过"
    "|了)~(?:不是垃圾|保存|验证|重试|测试)|先后~(?:用|试|换)|(?:删|移)(?:掉|了|除)~(?:重|又|再)"
    "|又重新|再~(?:一次|一遍|两遍|两回)"
    "|(?:说的|发的|给的)~(?:办法|方法|步骤)|(?:改|换|删|重置|更新|升级|加|设|填|开|关|装|导|压缩"
    "|停用|验证)(?:了|过|好|完|成)~(?:还是|仍|照|依|也|都|又|没|不|以后|之后|后|，~(?:还|仍|照|依"
    "|也|没|现在|过))"
    "|(?:在|去|到)(?:设置|后台|网页|手机|电脑)(?:里|上)?~(?:关|开|改|换|删|加|勾|取消)(?:了|掉|成"
    "|过|好|上|选)"
    "|(?:从|在|用)(?:电脑|网页|手机|app|客户端|平板)~(?:和|跟|也|又|再)~(?:从|在|用)?~(?:试|传|发"
    "|登|弄|搞)"
    "|(?:试|传|提交|发|点|按|弄|改|填)了(?:两|三|好几|几|四|五|无数|n)(?:次|遍|回)|依旧~(?:清|换)"
    "|clear cache|re-?login|重~两遍|add to whitelist"
    "|(?:cleared|tried|used|checked|updated|emptied) (?:my |the |a |all )?\\w+ (?:and|,)"
    "|incognito|private window"
    "|went through|all the steps|tried|retr(?:y|ied)|re-?start|re-?boot|re-?install|clear(?:ed"
    "|ing) (?:the |my )?(?:cache|cookie|browser)|re-?(?:add|enter|upload|creat|connect|built"
    "|build)(?:e?d|ing)?\\b|rebuilt|re-?adding"
    "|follow(?:ed|ing) (?:your|the|every|all)|did what|as (?:you |your \\w+ )?(?:told|suggested"
    "|instructed)|sign(?:ed|ing) out (?:and|on|of|,)|logg(?:ed|ing) out and|another (?:browser"
    "|device|computer|network)|off and on|step by step|even after (?:i|re)"
    "|(?:i|we|i've|we've) (?:have )?(?:already )?(?:removed|created|added|deleted|exported|turned"
    "|marked|typed|enabled|disabled|updated|uploaded|changed|switched|unsubscribed|disconnected"
    "|cleared|checked|whitelisted)"
    "|switched (?:networks?|to|browsers?|from)|(?:disabled|turned off) (?:the |my )?(?:firewall"
    "|vpn|antivirus|proxy|filter)|updated the app|waited a (?:day|week)|changed (?:the )?(?:port"
    "|mx|dns|browser)|used (?:a different|another)"
    "|[てで]み(?:まし)?た(?:が|けど|のに)|試し(?:て|ま|た)|再起動|(?:入れ|やり|作り|し|取り|付け"
    "|送り)直|オフに~オン|オフにしてから"
    "|戻しましたが|(?:変え|替え|し|直し|入れ|切り替え|押し直し|使っ)ても|(?:案内|手順|説明|指示"
    "|マニュアル|ヘルプ)~(?:どおり|通り|に従)|別の(?:ブラウザ|端末|回線|パソコン|スマホ"
    "|ネットワーク)|ログアウトして|もう一度|再(?:設定|登録|インストール|ログイン|追加|送信"
    "|発行)し|キャッシュ~(?:削除|消|クリア)|クリアし|アンインストール|しましたが(?:、)?(?:変わら"
    "|駄目|だめ|ダメ|同じ|解決|直ら|うまく)"
)
_NO_REMEDY: Final = compiled(
    "检索しても|検索しても|探しても|見ても|待っても|何(?:度|回)押し|いつ(?:見|開)"
)
_ACT: Final = compiled(
    '点(?:开|击|了|进|“|"|「|“|导入|保存|验证|测试|发送|链接|登录|设置|确定|下一步|新建'
    "|[^，。]{0,2}按钮)?|选(?:择|中|了|好|“|文件|发件人)|条件选|输(?:入|完|好|了)|填(?:好|了"
    "|进去?|写|入|的)|打开(?:了)?|进入|进到|另存|导出|导入|添加|新建|建了|加(?!载|班|急|油|一|不)"
    "|撤回|压缩|勾(?:上|选)|扫(?:码|了)|绑定|开了|开启|授权|用~(?:登录|调接口)|改(?:了|成|好|完)"
    "|删(?:掉|了)|登录|收到短信|过了两天|调用|提交|升级|退出|重新"
)
_ACT_EN: Final = compiled(
    "(?:add|creat|open|click|press|chos|choos|select|typ|enter|chang|set|export|import|upload"
    "|delet|remov|sav|reset|sign(?:ed)? (?:in|out)|log(?:ged)? in|switch|wait|turn|mark|updat"
    "|re-?enter|install|follow|enabl|disabl)(?:ed|e|es|s|ing|t|ged|n)?\\b"
)
_ACT_JA: Final = compiled(
    "(?:選ん|選択し|押(?:し|す|せ)|開(?:い|き)|入れ(?:て|まし)|入力し|登録し|発行し|有効に|追加し"
    "|削除し|作成し|設定し|圧縮し|変更し|再設定し|ログインすると|ログインし|アップロードし"
    "|ダウンロードし|保存し|クリックし)"
)
_CLAUSE: Final = re.compile(
    r"[再又，,。.;；、!?\n:：]| and | then |て、|し、|で、|んで|後|すると|と「"
)
_OPENS_WITH_ACT: Final = compiled(
    ' ?(?:我|先|再|又|然后|接着|已经?|就|把|条件|去)*(?:点(?:开|击|了|“|"|导入|保存|验证|测试'
    "|链接)|选(?:择|中|了|好|发件人|文件)?|输(?:入|完)|填|打开|进入|另存|导出|新建|勾|扫|开启"
    "|授权|提交|绑定|压缩|重新)"
)
_SEQUENCE: Final = compiled(
    "先~~(?:再|又|然后|接着|后)|(?:然后|接着|随后|之后又)|(?:then|after that|afterwards) "
    "|after (?:\\w+ing|i )|その後|それから|してから|た後"
)
_ENGLISH_OPENING: Final = re.compile(
    r"^(?:i |we |just |have |already )*(?:added|created|changed|switched|reset|opened|updated"
    r"|disabled|enabled|followed"
    r"|tried|removed|deleted|did|exported|installed|signed out|reinstalled|restarted|turned"
    r"|cleared|imported)\b"
)
_MOST_CLAUSES: Final = 60


def tells_attempts(said: str) -> bool:
    """Whether a folded text, quoted messages taken out, tells what was done or tried."""
    if _ENGLISH_OPENING.search(said) or _REMEDY.search(_NO_REMEDY.sub(" ", said)):
        return True
    clauses = _CLAUSE.split(said)[:_MOST_CLAUSES]
    acts = sum(map(_is_act, clauses))
    if sum(bool(_OPENS_WITH_ACT.match(clause)) for clause in clauses) >= 2:
        return True
    if len(_ACT_JA.findall(said)) >= 2:
        return True
    return acts >= 3 or (acts >= 2 and bool(_SEQUENCE.search(said) or _tells_a_way(said)))


def is_attempt(clause: str) -> bool:
    """Whether one clause tells of a remedy."""
    return bool(_REMEDY.search(clause))


def is_act(clause: str) -> bool:
    """Whether one clause begins with something that the customer did."""
    return bool(_OPENS_WITH_ACT.match(clause) or _ENGLISH_OPENING.search(clause))


def _is_act(clause: str) -> bool:
    return any(words.search(clause) for words in (_ACT, _ACT_EN, _ACT_JA))


_WAY: Final = compiled(
    "点开~选|点~(?:链接|导入|保存|验证)|(?:输|填)(?:完|好|了|进)|另存|照~填|typed|entered|pressed"
    "|clicked|chose|選ん|押すと|入れましたが|発行し"
)


def _tells_a_way(said: str) -> bool:
    return bool(_WAY.search(said))

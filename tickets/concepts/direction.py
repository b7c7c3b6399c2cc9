"""Small words that tell two reports about one thing apart: which way, what works, what repeats."""

from functools import lru_cache
from typing import Final

from ..phrases import declared_source, is_opener
from .lexicon import compiled
from .reading import beginning

_OUTGOING: Final = compiled(
    "(?:发|寄)(?:给|到|往|去)|我(?:们|公司)*(?:发|寄|开|写)的|(?:发|寄)出去|对方(?:收|看|说)"
    "|收件人|"
    "(?:i|we) (?:send|sent)|(?:mail|messages?|e-?mails?|sending|sent) to|recipients?|相手(?:側|に"
    "|の)|宛(?:て|の)|"
    "送った|(?:他|她|对方|人家|客户)(?:们)?那?(?:边|里)?的?(?:垃圾|收件)|his (?:spam|junk)|客户说"
    "|发信"
)
_INCOMING: Final = compiled(
    "来了|收(?:到|不到|件箱|信|得)|(?:写|寄|发)来|来信|新(?:邮件|信)|incoming|i (?:get|receive"
    "|got)|no new mail|"
    "受信|届(?:き|か)(?:ません|ない|続)|来(?:ません|ない)|我收|寄给我|発信元|never (?:came|arriv)"
)
_WORKS_BUT: Final = compiled(
    "(?:成功|好|通过|来|到|完|有|付|登上|保存|申请好|可以|正常|设好|收到|改好|买好|没问题|没到期"
    "|还在|在)了?[，, ]*(?:但|可是|可|却|不过|只是|就是|然而)"
    "|倒(?:是)?~(?:但|可|却|了)|没(?:到期|过期|退|问题)[，,]"
    "|没(?:有)?(?!收|到|来|有|反应|用|动静|显示|生效|通过|成功|人|法|办|权|提|发|见"
    "|看)[^，,。没]{1,4}"
    "[，,](?:但|就是|可|只是|想|却|倒|不过|而是|要)"
    "|(?<!不)(?:能|可以)(?:看|用|登录?|收|发|打开|下载|上传|到|连|搜到)[^，,。]{0,3}[，,]"
    "|只(?:扣|收|付|有)了?~[，,](?:但|可|却)|(?<!不)过了[，,](?:但|可|就是|却|不过|只是)"
    "|(?:已经|都)(?:通过|退|换|改|绑|开|续|付|收)[^，,。]{0,4}[，,](?:但|可|就是|却|不过|只是)"
    "|(?:works?|fine|ok|okay|succeeded"
    "|arrived|sent|done|passed)[, ]*~(?:but|however|yet|only)"
    "|(?:でき|届き|成功し|通り|来)(?:まし)?た(?:が|けど|のに)|能收到~但|(?:来|到|好|完|成功|通过"
    "|登上)了[，,]"
)
_SOLVED_THEN: Final = compiled(
    "(?:好|解决|搞定|恢复|正常|可以)了~~(?:另外|顺便|再|还想|请教|想问|问下)|(?:谢谢|多谢"
    "|感谢)~~(?:另外|顺便|还想|想问|问下|问一下|请问)|"
    "(?:works? now|solved|fixed|resolved|thanks)~~(?:how|where|another|also|can i|what|one more)"
    "|(?:直り|解決し|でき)ました。?~~(?:ところで|あと|別|また)|"
    "好了谢谢|works now[,.]? thanks|直りました"
)
_ASKS: Final = compiled(
    "怎么(?!都|也|回事|就)|如何|怎样|在哪|哪里|多少|什么时候|能不能|可以吗|能否|有没有|请问|(?:想"
    "|要)(?:要|把|开|加|改|换|关|取消|申请|绑定|添加|减少|屏蔽|退|增加|查|看|调|设|重新|恢复|搬"
    "|移|停|让|知道|了解)|(?<!有人)(?<!在)吗$|"
    "how (?:do|can|to|much|many)|where (?:is|do|can)|can i|is there|方法|たいです|教えて|どこ"
    "|どう(?:すれ|やっ)|できますか|いくら"
)
_REFERS_BACK: Final = compiled(
    "再(?:问|发|说|补充|次|催)|又(?!名)|还是那|那(?:个|件|边)|刚(?:才|在|刚)|之前(?:用|在|说|报"
    "|提)|上午|昨天(?:表单|说|报|提)|上(?:一)?封|补充|忘(?:了|附)|"
    "第[二三四]次|已(?:经)?(?:通过|在)|也(?:说|提|报)过|到哪一步|有结果|again|re-?send|further to"
    "|following (?:up|my)|as (?:discussed|said)|earlier|already|"
    "再送|再度|先ほど|さっき|補足|の件|前回|追加|フォームから"
)


def manner_of(text: str) -> frozenset[str]:
    """Which a text is: outgoing, incoming, works_but, solved_then, refers_back, asks, opener."""
    return _manner(beginning(text))


@lru_cache(maxsize=4096)
def _manner(said: str) -> frozenset[str]:
    signs = {
        "outgoing": bool(_OUTGOING.search(said)),
        "incoming": bool(_INCOMING.search(said)),
        "works_but": bool(_WORKS_BUT.search(said)),
        "solved_then": bool(_SOLVED_THEN.search(said)),
        "refers_back": bool(_REFERS_BACK.search(said) or declared_source(said)),
        "asks": bool(_ASKS.search(said)),
        "opener": is_opener(said),
    }
    return frozenset(name for name, is_so in signs.items() if is_so)

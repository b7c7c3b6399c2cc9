"""Whether a text says that somebody else has got into the customer's account."""

from typing import Final

from .folding import pattern, plain

_STOLEN: Final = pattern(
    r"盗号|被盗|号被偷|被(?:人|别人|黑客)?盗(?:了|号|用|走|取)",
    r"(?:账号|帐号|号码?|邮箱|q号|qq|密码)[^。！？!?\n]{0,8}(?:被黑|被偷|被人?[盗偷黑]|被(?:别人?|人)(?:登|改|用))",
    r"(?:密码|手机|密保)[^。！？\n]{0,4}被(?:人|别人|改|换|篡改)",
    r"(?:改|换)了(?:我的)?(?:密码|密保|绑定手机)[^。\n]{0,12}(?:不是我|盗|别人)",
    r"异地登[录陆]|(?:陌生|不明)登[录陆][^。\n]{0,20}(?:不是我|盗|改了|被改)",
    r"(?:别人|有人|陌生人)[^。！？\n]{0,8}(?:登[录陆]|进入?)了?我|有人用了?我的(?:账号|邮箱|号)",
    r"(?:以|用)我的?(?:名义|账号|邮箱)[^。！？\n]{0,10}(?:诈骗|骗|借钱|发)",
    r"\b(?:hack(?:ed|er|ing)?|hijack\w*|stolen account|compromised)\b",
    r"(?:account|mailbox|password|e-?mail)[^.!?\n]{0,30}(?:stolen|taken over|broken into)",
    r"(?:stole|broke into|took over|taken over) (?:my|our) [^.\n]{0,20}(?:account|mail|password)",
    r"(?:someone|somebody)[^.!?\n]{0,25}(?:logged|signed|got|broke)\s*(?:in|into)",
    r"(?:someone|somebody)[^.!?\n]{0,15}changed my (?:password|phone|recovery)",
    r"somebody else (?:is using|has changed|changed)",
    r"乗っ取|不正に?(?:ログイン|アクセス)|ハッキング|ハックされ|なりすまし",
    r"アカウント[^。\n]{0,8}(?:盗ま|奪わ)",
)


def says_account_is_stolen(text: str) -> bool:
    """Whether the author reports the theft of an account."""
    return _STOLEN.search(plain(text)) is not None

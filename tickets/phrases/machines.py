"""Mail that a machine wrote: bounces and automatic replies.

Customers of a mail service ask about both, so the words count only where a machine puts them:
at the very start, and without a question or complaint after them.
"""

from typing import Final, Literal

from .folding import pattern, plain

_LOOKED_AT: Final = 600  # characters

_BOUNCE_SENDER: Final = pattern(
    r"(?:^|<)(?:mailer-?daemon|mail-daemon|postmaster|mdaemon|bounces?(?:[+.-][^@]*)?)(?:@|>|$)"
)
_START: Final = r"^(?:(?:subject|主题|件名|re|fw|fwd|回复|转发)\s?:\s?|[\W_]){0,6}"
_LINE_ENDS: Final = r"\s?(?:\([^)\n]{0,40}\))?\s?(?:[:;.\n】\])—-]|$)"
_BOUNCE_TEXT: Final = pattern(
    _START + r"(?:undelivered mail(?: returned to sender)?|undeliverable(?: mail)?|returned mail"
    r"|delivery status notification|mail delivery (?:failed|failure|system|subsystem)"
    r"|failure notice|delivery (?:has failed|incomplete|failure)"
    r"|message not delivered|mail delivery failed: returning message to sender)" + _LINE_ENDS,
    _START + r"(?:this is the mail system at host|(?:your )?message (?:could not be|was not"
    r"|wasn't) delivered to)",
    _START + r"(?:(?:系统|自动)退信|退信通知|邮件退回(?:通知)?|(?:邮件)?投递失败(?:通知)?"
    r"|来自[^\n]{0,20}的退信)" + _LINE_ENDS,
    _START
    + r"(?:配信(?:不能|エラー)|メール配[送信]エラー|送信エラー通知|配信できませんでした|宛先不明)"
    + _LINE_ENDS,
)
_AUTO_REPLY: Final = pattern(
    _START
    + r"(?:(?:系统)?自动(?:回复|答复|应答)|假期(?:自动)?回复|休假通知|外出通知)(?:邮件|通知|消息)?"
    + _LINE_ENDS,
    _START + r"[这此本]是?(?:一?封|一条)?(?:邮件)?[为是]?由?(?:系统)?自动(?:回复|发送|答复)",
    _START + r"(?:auto(?:matic|mated|-)?[\s-]?(?:reply|response|message|answer)"
    r"|out of (?:the )?office(?: (?:auto)?reply)?|ooo|vacation (?:auto)?reply"
    r"|on (?:annual |parental |sick )?leave)" + _LINE_ENDS,
    _START + r"this is an auto(?:matic|mated|-generated)",
    _START + r"(?:自動(?:返信|応答|回答)(?:メール|メッセージ)?(?:です)?"
    r"|不在(?:通知|のお知らせ|のご連絡)|休暇中のお知らせ)" + _LINE_ENDS,
    _START + r"(?:この|本)メールは(?:システムによる)?自動",
)
_OUT_OF_OFFICE: Final = pattern(
    r"[^\n]{0,30}(?:我|本人)[^\n]{0,16}(?:休假|出差|外出|年假|不在办公室)[^\n]{0,60}(?:回来|返回"
    r"|回复您|与您联系|联系[^\n]{0,10}同事|急事|紧急)",
    r"(?:i am|i'm|i will be) (?:currently )?(?:out of (?:the )?office|away (?:from|until|on)"
    r"|on (?:annual |parental |sick )?(?:leave|vacation|holiday))",
    r"(?:thank you|thanks) for your (?:e-?mail|message)[^\n]{0,20}(?:i am|i'm"
    r"|i will be) (?:currently )?(?:out|on (?:leave|vacation|holiday)|away|travell?ing)",
    r"(?:ただいま|只今|現在|下記の期間|以下の期間)[^\n]{0,30}(?:不在|休暇|出張)",
)
_SPEAKS_TO_US: Final = pattern(
    r"\?|怎么|如何|能不能|请帮|帮我|请问|收到(?:了)?(?:一|这|好多|很多)|为什么|什么意思"
    r"|\b(?:how|why|what does|please help|can you|could you)\b|どう|なぜ|教えて|でしょうか"
)


def machine_made(sender: str, text: str) -> Literal["", "bounce", "auto_reply"]:
    """Whether sender or words show that a machine wrote, and which kind."""
    start = plain(text[:_LOOKED_AT])
    if _BOUNCE_SENDER.search(sender.lower()):
        return "bounce"
    if _SPEAKS_TO_US.search(start):
        return ""
    if _BOUNCE_TEXT.search(start):
        return "bounce"
    is_reply = _AUTO_REPLY.search(start) or _OUT_OF_OFFICE.match(start)
    return "auto_reply" if is_reply else ""

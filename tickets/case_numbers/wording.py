"""The words and marks that stand around case numbers in Chinese, Japanese and English messages.

Every list becomes a pattern through `fold`, so simplified characters stand for traditional ones.
"""

import re
from collections.abc import Iterable
from typing import Final

from tickets.case_numbers.folding import ORDINARY, fold


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# --- what announces a case number ---

NOUNS_ALONE: Final = _words("""
    案号 案件 工单 单号 编号 ケース case cases ticket tickets ref refs reference
""")
NOUNS_BEFORE_NUMBER: Final = _words("""
    案 案子 受理 受付 チケット 問い合わせ 問合せ 問合わせ 問い合せ 問合
""")
NUMBER_WORDS: Final = _words("""
    号 号码 编号 单号 番号 ナンバー № # number num no nr id code
""")
# These are ours whatever stands before them; the others serve for parcels and contracts as well.
OWN_NOUNS: Final = _words("案号 案件 工单 案 案子 受理")
# Between two numbers that share one label: "tickets A and B", "案号 A，不对，是 B".
JOINING_WORDS: Final = _words("""
    and or & 和 与 跟 及 或 或者 还有 と または 、 → 是 不是 而是 应该是 应为 不对 错了 写错了
    打错了 更正 改成 ではなく じゃなくて 正しくは 訂正
    no not sorry is it's should be mean rather typo correction
""")
JOINING_MARKS: Final = " ,.…:;!。()>-"

# --- what makes it somebody else's ---

# A carrier may be a few words away: "顺丰寄的，单号".
CARRIERS: Final = _words("""
    快递 物流 顺丰 圆通 中通 申通 韵达 菜鸟 邮政 包裹 快件 运费 签收
    ヤマト 佐川 宅急便 宅配 ゆうパック 荷物 伝票
""")
# These count only right before the label: "发票的编号" is not ours, "发票问题，编号" is.
FOREIGN_OWNERS: Final = _words("""
    订单 淘宝 天猫 京东 拼多多 美团 商品 产品 采购 销售 报价 出库 入库 库存 货物 零件 批次 序列 资产
    设备 固件 机器 型号 合同 协议 保险 理赔 发票 收据 凭证 税务 交易 流水 支付 支付宝 付款 转账 汇款
    退款 银行 员工 会员 客户 用户 账户 账号 学生 学籍 考生 准考证 报名 证书 证件 护照 执照 身份证
    许可证 资格证 专利 医保 社保 公积金 挂号 病历 处方 航班 机票 车票 酒店 预订 预约 房间 座位 门牌
    楼栋 车辆 图书 借阅 论文 公文 标书 招标 项目 课程 会议 直播 错误 报错 邮件 附件 文件 帖子 日志
    消息 版本 缺陷 追踪 注文 契約 請求 配送 予約 病院 銀行 市役所 コンサート ライブ 映画
    飛行機 スマホ
""")
# Together with the label these make another word: "订单号", "备案号", "スーツケース".
FOREIGN_COMPOUNDS: Final = {
    "单号": tuple("订运保回账清货罚提菜仓税票"),
    "案号": tuple("备档方图答草提文立"),
    "案": tuple("备档方图答草提文立"),
    "编号": ("qq", "sn"),
    "ケース": ("スーツ", "ペン", "ガラス", "スマホ"),
}
FOREIGN_TICKETS: Final = _words("""
    e flight air airline plane train rail bus ferry parking speeding movie cinema concert event
    museum theatre theater lottery raffle court legal police phone pencil jira github gitlab zendesk
    servicenow redmine bugzilla in any worst best test use edge
""")
FOREIGN_REFERENCES: Final = _words("""
    order invoice contract booking reservation payment transaction transfer wire bank billing
    purchase po customer client account member membership employee tracking shipping shipment
    delivery parcel courier policy claim insurance loan hotel rental visa tax vendor supplier
    product model paypal alipay refund
""")

# --- what may stand between the announcement and the number ---

FILLING_MARKS: Final = " \n:=#\"'`*()[]{}>|「」『』【】〔〕〈〉《》“”‘’,、.…·・→-ー_/№"
FILLING_HAN: Final = (
    "是为叫就应该好像大概可能似乎估计约记得确我你您他她它们给的写说报念读抄发显示短信邮件里上面这那个串"
    "号码如下来在啊呀呢吧嘛哦噢嗯呃额有了着也又再看查全完整位字逐挨慢乃" + ORDINARY
)
FILLING_WORDS: Final = _words("""
    收到 看到 查到 拿到 得到 找到 一下 一遍 不是 附上 补充 客服 电话里 听好 如下。 状态
    は が の を も って とは たしか 確か おそらく 多分 こちら これ それ として です です。 ます
    ます。 以下 次 下記 通り とおり いただいた 頂いた もらった 控え メモ 書い 書き 伝え 送り お
    ご案内 された 番号 ステータス
""")
FILLING_ENGLISH: Final = _words("""
    is was are be should might the my your our his her their a an it its s i we they you me us
    got get have had has given gave sent received say says said read reads show shows shown as that
    which this of mine think believe guess maybe probably number numbers no num nr id code reference
    ref called below above following again still just here actually currently assigned issued
    provided quoted mentioned status
""")
# After the prefix only these and NUMBER_WORDS: no verbs, because HELP may be a prefix too.
PREFIX_MARKS: Final = " \n:=#\"'`*()[]{}>|「」『』【】,.·・-ー_/+号是" + ORDINARY

# --- what stands inside a number, and what makes an amount of it ---

SEPARATORS: Final = "-_./\\·・•ー,、。+ " + ORDINARY
LETTERS_FOR_DIGITS: Final = {"o": "0", "l": "1", "i": "1"}
UNITS: Final = _words("""
    字节 比特 元 块 円 圆 美元 日元 韩元 欧元 港元 港币 美金 ドル ウォン バイト 毫秒 微秒 纳秒 秒
    ミリ秒 bytes byte b kb mb gb kib mib gib bps hz ms us ns sec seconds usd cny rmb jpy krw eur
    dollars yen
""")
CURRENCIES: Final = _words("$ ¥ € £ ₩ usd cny rmb jpy krw eur gbp hkd 人民币")


def any_of(words: Iterable[str]) -> str:
    """Return a pattern for any of `words` as folded text holds them, the longest first."""
    folded = sorted({fold(word) for word in words}, key=lambda word: (-len(word), word))
    return f"(?:{'|'.join(map(re.escape, folded))})"


def maybe_any_of(words: Iterable[str]) -> str:
    """Return `any_of(words)` behind a look at the first character, which spares most tries."""
    words = tuple(words)
    return f"(?=[{class_of(''.join(word[0] for word in words))}]){any_of(words)}"


def class_of(characters: str) -> str:
    """Return the inside of a character class for `characters` as folded text holds them."""
    return re.escape("".join(sorted(set(fold(characters)))))

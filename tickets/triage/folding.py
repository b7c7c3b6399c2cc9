"""One writing for words that people write in several ways: width, case, traditional characters."""

import re
from typing import Final

from ..phrases.folding import fold as fold_words

MOST_READ: Final = 4_000  # characters; what a long mail is about is said by then

# Traditional characters that the shared word lists have no need of.
_TRADITIONAL: Final = (
    "繳約閉廣擋詐騙釣魚離職權認凍審與來後東誤難腦語體簡畫帶連鏈編據額銀級業務當謙總經濟參數導"
    "匯鍵盤鈴曆歷議見覺觀視醜舊換態標類別歸條擇擴讀嚇遠遲達遞遊戲學師門聞調檢舉執緊臨夠幾萬億"
    "雙歲測環誰讚厲親氣漲課稅專團隊協歡願懷絕斷異雜並隻雲臺灣遺憶隱護衛絡係週曉寶財訟拋棄掛撥"
    "併優勢誌隨鐘貼績滾準縮壓搶罰藍綠紅黃莊確館領層較輕蘋贈頻顆驚驟齊臉膽繪紙練終組細維緒緩縣"
    "繼罷術詢詳誠諮貨販責賃賠賴趙跡軟輛輪農遙適選鄰鈕針銷鋼鏡閃階際雖霧靜韓順預頓顧飛飯駐騎鳥"
    "麥齡侶倉倆偵傷傾僅儀償凱劃劇勝勞勵區卻嘗嚴圓場塊奪奮妝婦媽孫寧屬島崗幣庫強彈恥惡惱慣慮慶"
    "憂戰採掃揚損攜敗敵暫棟楊極榮構槍樂橋橫檯櫃歐殘毀決況涼淚淨減湯滅漸潔澤災烏無煩熱燈爭爺牆"
    "狀獎獨獲產畢療盡監眾礎禮穩窮競筆節範築糧純紀納紹洩紋剛託馬綁憑辦蓋積評尋負車記訪囉亂貸賭"
    "鬧幹廠廳張擔擬擾斬晝暈曬櫥殺汙溝漢濃灑煉煙爐爾牽獻玀瑣疊癢盞睏矚砲禍稈穀窩竊紐絲綜綱緝縱"
    "纏罵羅羨聰脫臟艙荊莖蘇蝦襪覽譯譽贓趕踐軌輯邁邏鄧醬鈔銅鋪鑰陣陽雞餵騷鬆鬥鹽麼"
)
_SIMPLIFIED: Final = (
    "缴约闭广挡诈骗钓鱼离职权认冻审与来后东误难脑语体简画带连链编据额银级业务当谦总经济参数导"
    "汇键盘铃历历议见觉观视丑旧换态标类别归条择扩读吓远迟达递游戏学师门闻调检举执紧临够几万亿"
    "双岁测环谁赞厉亲气涨课税专团队协欢愿怀绝断异杂并只云台湾遗忆隐护卫络系周晓宝财讼抛弃挂拨"
    "并优势志随钟贴绩滚准缩压抢罚蓝绿红黄庄确馆领层较轻苹赠频颗惊骤齐脸胆绘纸练终组细维绪缓县"
    "继罢术询详诚咨货贩责赁赔赖赵迹软辆轮农遥适选邻钮针销钢镜闪阶际虽雾静韩顺预顿顾飞饭驻骑鸟"
    "麦龄侣仓俩侦伤倾仅仪偿凯划剧胜劳励区却尝严圆场块夺奋妆妇妈孙宁属岛岗币库强弹耻恶恼惯虑庆"
    "忧战采扫扬损携败敌暂栋杨极荣构枪乐桥横台柜欧残毁决况凉泪净减汤灭渐洁泽灾乌无烦热灯争爷墙"
    "状奖独获产毕疗尽监众础礼稳穷竞笔节范筑粮纯纪纳绍泄纹刚托马绑凭办盖积评寻负车记访啰乱贷赌"
    "闹干厂厅张担拟扰斩昼晕晒橱杀污沟汉浓洒炼烟炉尔牵献猡琐叠痒盏困瞩炮祸秆谷窝窃纽丝综纲缉纵"
    "缠骂罗羡聪脱脏舱荆茎苏虾袜览译誉赃赶践轨辑迈逻邓酱钞铜铺钥阵阳鸡喂骚松斗盐么"
)
_TABLE: Final = str.maketrans(_TRADITIONAL, _SIMPLIFIED)
_ADDRESS: Final = re.compile(r"https?://\S+|[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_LONG_NUMBER: Final = re.compile(r"\d{6,}")
_SPACE: Final = re.compile(r"\s+")


def fold(text: str) -> str:
    """The text in one width, lower case, simplified; addresses and long numbers are only marks."""
    folded = simpler(text[:MOST_READ])[:MOST_READ]
    folded = _LONG_NUMBER.sub("9", _ADDRESS.sub("@", folded))
    return _SPACE.sub(" ", folded).strip()


def simpler(text: str) -> str:
    """The text in one width, in lower case and simplified characters, and nothing else changed."""
    return fold_words(text).translate(_TABLE)

"""What tells apart two texts that are nearly the same: a negation, a number, a word and its opposite.

不可以退 is close to 可以退, and 15天 is close to 7天, but an agent who says the one has not sent the other.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from kefu.text.slots import NEGATIONS, SLOT

HARMLESS = (
    "不好意思", "不客气", "不用客气", "不用谢", "不过", "不仅", "不但", "不错", "不同", "不断", "差不多", "对不起",
    "要不", "不如", "不论", "不管", "不然", "不久", "没关系", "没问题", "没事", "无论", "无理由", "无忧", "无线",
    "未来", "非常", "除非", "特别", "分别", "区别", "级别", "类别", "性别", "别人", "别的", "有没有",
)  # fmt: skip
"""Words that hold such a character and say nothing to the contrary."""
OPPOSITES = (
    ("支持", "拒绝"), ("同意", "拒绝"), ("免费", "收费"), ("有货", "缺货"), ("成功", "失败"), ("现货", "预售"),
    ("打开", "关闭"), ("开启", "关闭"), ("允许", "禁止"), ("可以", "禁止"), ("通过", "驳回"), ("增加", "减少"),
    ("升级", "降级"), ("上午", "下午"), ("以前", "以后"), ("之前", "之后"), ("以内", "以外"), ("线上", "线下"),
    ("全额", "部分"), ("支持", "暂停"), ("开放", "关闭"), ("提前", "推迟"), ("提前", "延后"), ("国内", "国外"),
    ("当天", "次日"), ("当日", "次日"), ("今天", "明天"), ("今晚", "明晚"), ("工作日", "自然日"), ("双倍", "三倍"),
)  # fmt: skip

GAP = ",\ue000,"
"""What stands for a slot: a clause of its own, and no letter."""

_LEFT_OUT = 3
"""A clause of which less than one character in so many is found again is another clause."""
_FAR = 2
"""A negation more characters before the words that both have does not deny them."""
_OPPOSED = re.compile("|".join(sorted({*sum(OPPOSITES, ())})))
_AGAINST = {
    word: {other for pair in OPPOSITES if word in pair for other in pair} - {word} for word in sum(OPPOSITES, ())
}
_MOST_WORK = 100_000
"""Two texts whose lengths multiply to more are not compared sign by sign: other negations tell them apart."""
_CLAUSE = re.compile(r"[\s,.!?:;~、。…，！？；：～]+")
_NO_LETTER = re.compile(r"[\W_]+")
_UNABLE = re.compile("[不没](?:了|到|上|起|成|下|掉)")
"""Said after the verb: 换不了 is 不能换, so the negation may have moved."""
_HARMLESS = re.compile("|".join([*HARMLESS, *(f"{sign}不{sign}" for sign in "是能要会行好对可正想够该在")]))
_NUMERALS = "〇零一二两三四五六七八九十百千万半"
_NUMBER = re.compile(
    rf"([0-9]{{1,2}}|[{_NUMERALS}]{{1,3}})月([0-9]{{1,2}}|[{_NUMERALS}]{{1,3}})[日号]"
    rf"|([0-9]{{1,30}}(?:\.[0-9]{{1,30}})?|[{_NUMERALS}]{{1,16}}) ?个?(.?)"
)
_EVERY = re.compile("每(?=[天日年周])")
_NO_NUMBER = re.compile("十分(?!钟)|再三|第三方|二维码|万分(?!之)|千万别?|万一")
_COUNTED = frozenset(
    "天日月年号点小时钟分秒元块折次件张台位周岁人份字斤克米公工级层楼倍条单厘毫码箱袋瓶盒趟轮间晚节成档"
)
_LOOSE = frozenset("零一半万千百")
"""These alone are numbers only before what can be counted: 一下, 一起 and 千万 are none."""
_SAME_UNIT = {"块": "元", "日": "天", "号": "天", "工": "天", "点": "时", "小": "时"}
_MEASURES = dict.fromkeys("天月年时分秒周", "time") | {"元": "money"}
_DIGITS = {sign: value for value, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_POWERS = {"十": 10, "百": 100, "千": 1_000}


def same_sense(text: str, script: str) -> bool:
    """Tell whether a text can be a use of a script that it is close to; both in normal form.

    >>> same_sense("不可以退的", "可以退的"), same_sense("15天内可退", "7天内可退")
    (False, False)
    >>> same_sense("亲，七天内可退", "7天内可退")
    True
    """
    literal = SLOT.sub(GAP, script)
    return not any(guard.tells_apart(text, literal) for guard in GUARDS)


def _opposite(text: str, script: str) -> bool:
    """Tell whether one has a word, and the other its opposite instead."""
    ours, theirs = set(_OPPOSED.findall(text)), set(_OPPOSED.findall(script))
    return any(there in theirs - ours for word in ours - theirs for there in _AGAINST[word])


def _other_number(text: str, script: str) -> bool:
    """Tell whether a number of the script has become another; a slot may hold any, so there the measures must agree."""
    ours, theirs = Counter(_numbers(text)), Counter(_numbers(script))
    lost, new = theirs - ours, ours - theirs
    if GAP in script:
        return not {_MEASURES.get(unit, unit) for _, unit in lost}.isdisjoint(
            _MEASURES.get(unit, unit) for _, unit in new
        )
    values = {value for value, _ in [*lost, *new]}
    return bool(lost) and bool(new) and (len(values) > 1 or {unit for _, unit in [*lost, *new]} <= _MEASURES.keys())


def _numbers(text: str) -> Iterator[tuple[float, str]]:
    """Give each number and what it counts; a day of a month is one number."""
    found: list[tuple[str, str, str, str]] = _NUMBER.findall(_NO_NUMBER.sub(" ", _EVERY.sub("每一", text)))
    for month, day, digits, unit in found:
        if month:
            yield _value(month) * 100 + _value(day), "日期"
        elif digits[0].isascii():
            yield float(digits), _SAME_UNIT.get(unit, unit)
        elif unit in _COUNTED or not _LOOSE.issuperset(digits):
            yield _value(digits), _SAME_UNIT.get(unit, unit)


def _value(numeral: str) -> float:
    """Read a Chinese numeral below a hundred million.

    >>> _value("十五"), _value("两百"), _value("一万二千"), _value("二五")
    (15, 200, 12000, 25)
    """
    if numeral.isascii():
        return int(numeral)
    total, section, digit = 0, 0, 0
    half = 0.5 if "半" in numeral else 0
    for sign in numeral.replace("半", ""):
        if sign == "万":
            total, section, digit = (total + section + digit or 1) * 10_000, 0, 0
        elif sign in _POWERS:
            section, digit = section + (digit or 1) * _POWERS[sign], 0
        else:
            digit = digit * 10 + _DIGITS[sign]
    return total + section + digit + half


def _denied(text: str, script: str) -> bool:
    """Tell whether a negation was put in, taken out or set against words without one, but for whole clauses."""
    ours, theirs = _Clauses.of(text), _Clauses.of(script)
    if not ours.negations and not theirs.negations:
        return False
    if len(ours.letters) * len(theirs.letters) > _MOST_WORK:
        return True
    blocks = SequenceMatcher(None, theirs.letters, ours.letters, autojunk=False).get_opcodes()
    common = [block[1:] for block in blocks if block[0] == "equal"]
    theirs.common.update(at for low, high, _, _ in common for at in range(low, high))
    ours.common.update(at for _, _, begin, end in common for at in range(begin, end))
    new, lost = ours.negations - ours.common, theirs.negations - theirs.common
    if len(new) == len(lost) and (_UNABLE.search(text) or _UNABLE.search(script)):
        return False
    for kind, low, high, begin, end in blocks:
        gone, come = theirs.negations.intersection(range(low, high)), ours.negations.intersection(range(begin, end))
        if kind == "equal" or len(gone) == len(come):
            continue
        if kind == "replace" or not (all(map(theirs.is_left_out, gone)) and all(map(ours.is_added, come))):
            return True
    return False


@dataclass(frozen=True)
class _Clauses:
    """The letters of a text, the clause that each stands in, the negations, and the letters that another has, too."""

    letters: str
    number: list[int]
    negations: set[int]
    common: set[int]

    @classmethod
    def of(cls, text: str) -> _Clauses:
        clauses = [_NO_LETTER.sub("", clause) for clause in _CLAUSE.split(text)]
        letters = "".join(clauses)
        harmless = {at for word in _HARMLESS.finditer(letters) for at in range(*word.span())}
        negations = {at for at, sign in enumerate(letters) if sign in NEGATIONS} - harmless
        return cls(letters, [number for number, clause in enumerate(clauses) for _ in clause], negations, set())

    def is_left_out(self, place: int) -> bool:
        """Tell whether the clause of a place is another's, not one with a change."""
        clause = self._clause(place)
        return len(self.common & clause) * _LEFT_OUT < len(clause) and place + 1 not in self.common & clause

    def is_added(self, place: int) -> bool:
        """Tell the same, or that only other words stand around the place before what is common begins."""
        common = self.common & self._clause(place)
        return self.is_left_out(place) or min(common) > place + _FAR

    def _clause(self, place: int) -> set[int]:
        return {at for at, number in enumerate(self.number) if number == self.number[place]}


@dataclass(frozen=True)
class Guard:
    """One reason why a text is no use of a script that it is close to."""

    marks: str
    """Where this regex finds the same in text and script, in the same order, the guard has nothing to say."""
    both: bool
    """Nor has it where only one of them has a mark."""
    tells_apart: Callable[[str, str], bool]
    """Tell whether a text is no use of a script; both in normal form, the slots replaced by ``GAP``."""


GUARDS = (
    Guard(f"(?:[0-9.]+|[{_NUMERALS}每]+)个?.?", both=True, tells_apart=_other_number),
    Guard(_OPPOSED.pattern, both=True, tells_apart=_opposite),
    Guard(f".?[{NEGATIONS}].?", both=False, tells_apart=_denied),
)

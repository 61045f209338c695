"""Hot topics: seconds, memory, and whether order and time leave them as they are.

    python benchmarks/topics.py [--questions 200000] [--nights 7] [--banking ../shared/data/banking77]

The Chinese questions are made by a seeded grammar: things × troubles × wordings, with slips of the hand, particles,
greetings, numbers, a Zipf tail and word salad that belongs to nothing. Each measure runs in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

from kefu.text.topics import TopicSettings, group_topics


def _words(text: str) -> tuple[str, ...]:
    """Take a line of words apart."""
    return tuple(text.split(" "))


THINGS = _words(
    "订单 快递 包裹 发票 退款 优惠券 会员 积分 红包 账号 密码 验证码 手机号 地址 运费 押金 定金 余额 银行卡 信用卡 "
    "额度 账单 贷款 利率 理财 基金 保险 理赔 保单 宽带 套餐 流量 话费 路由器 光猫 电视盒子 机票 火车票 酒店 行李 "
    "门票 签证 课程 直播 作业 证书 考试 教材 空调 冰箱 洗衣机 热水器 油烟机 净水器 扫地机 手机壳 耳机 充电器 屏幕 "
    "键盘 显卡 打印机 摄像头 手表 外套 裤子 鞋子 裙子 内衣 口红 面膜 奶粉 纸尿裤 水果 牛奶 大米 茶叶 海鲜 沙发 床垫 "
    "衣柜 灯具 窗帘 地板 水龙头 挂号 体检 处方 药品 疫苗 停车 电费 水费 燃气 物业 门禁 快递柜 骑手 司机 行程 车票"
)
TROUBLES = _words(
    "怎么{取消|撤销|退掉} 怎么{查询|查看|查} {为什么|怎么}一直没{更新|变化|动静} {坏了|出故障了|用不了}怎么办 "
    "能不能{便宜|优惠|打折} {丢了|不见了|找不到}怎么处理 {什么时候|多久|几天}能到账 可以{更换|换|调换}吗 "
    "怎么{投诉|举报} 怎么{修改|更改|变更} {重复|多}扣了钱 {到期|过期}了怎么{续|延期} 怎么{申请|办理|开通} "
    "被{冻结|锁定|限制}了 {发错|搞错|弄错}了 {质量|做工}太差 {收费|价格|费用}是多少 {说明书|教程}在哪 "
    "怎么{安装|装上|组装} {保修|质保}多久 {漏水|漏电|冒烟} 怎么{绑定|关联} 怎么{转让|送人|过户} {失败|报错|出错} "
    "{尺寸|规格|型号}怎么选 {有异味|味道很大|发霉} 能{开|补}证明吗 {预约|约}不上 怎么{分期|分开付} {赔偿|赔付}标准"
)
OPENINGS = ("", "", "", "", "你好，", "您好 ", "请问", "我的", "我想问一下", "那个，", "在吗？")
CLOSINGS = ("", "", "", "", "？", "啊", "呢", "，谢谢", "！！", "，急", "[微笑]", "😭")
DETAILS = (
    "",
    "",
    "",
    "昨天的",
    "上周买的",
    "朋友的",
    "{n}号的",
    "单号{n}的",
    "公司的",
    "新的",
    "北京的",
    "网上买的",
    "{n}块的",
)
SALAD = "山川风月花鸟鱼虫琴棋书画东西南北春夏秋冬金木水火土红黄蓝绿甲乙丙丁天地人和高低快慢冷热新旧远近里外左右"
SLIPS = 0.06
NOISE = 0.08


def wordings(rng: np.random.Generator, trouble: str) -> str:
    """Choose among the wordings of a trouble."""
    out = ""
    for piece in trouble.replace("{", "\0").replace("}", "\0").split("\0"):
        options = piece.split("|")
        out += options[int(rng.integers(len(options)))]
    return out


def drawn(seed: int, draws: int, shift: float = 0.0) -> pl.DataFrame:
    """Draw questions; ``shift`` moves a few intents up or down, as from one day to the next."""
    rng = np.random.default_rng(seed)
    fixed = np.random.default_rng(11)
    intents = [(thing, trouble) for thing in THINGS for trouble in TROUBLES]
    order = fixed.permutation(len(intents))
    weight = 1 / np.arange(8, len(intents) + 8) ** 0.9 * np.exp(shift * rng.normal(size=len(intents)))
    chosen = order[rng.choice(len(intents), size=draws, p=weight / weight.sum())]
    return pl.DataFrame({"text": [question(rng, *intents[intent]) for intent in chosen], "count": 1})


def question(rng: np.random.Generator, thing: str, trouble: str) -> str:
    """Word one question."""
    luck = rng.random(2)
    if luck[0] < NOISE:
        return "".join(SALAD[sign] for sign in rng.integers(0, len(SALAD), int(rng.integers(4, 10))))
    opening, detail, closing = (part[int(rng.integers(len(part)))] for part in (OPENINGS, DETAILS, CLOSINGS))
    core = wordings(rng, trouble)
    body = f"{detail}{thing}{core}" if luck[1] > 0.2 else f"{core}，{detail}{thing}"
    if rng.random() < SLIPS:
        at = int(rng.integers(len(body)))
        body = body[:at] + body[at + 1 :]
    return (opening + body + closing).replace("{n}", str(int(rng.integers(1, 10**6))))


def distinct(questions: int) -> pl.DataFrame:
    """Return at least so many different questions that stay different once they are masked."""
    from kefu.text.questions import distinct_questions

    draws, wanted = drawn(1, questions * 2), questions
    for more in range(2, 40):
        found = distinct_questions(draws.group_by("text").agg(pl.col("count").sum())).asked
        if len(found) >= wanted:
            return found.select("text", "count").head(wanted)
        draws = pl.concat([draws, drawn(more, questions)])
    raise SystemExit(f"the grammar has no {questions} questions")


def scale(told: argparse.Namespace) -> dict[str, float]:
    """Group many questions, and again in another order."""
    path = Path(told.work) / f"questions-{told.questions}.parquet"
    if not path.exists():
        distinct(told.questions).write_parquet(path)
    questions = pl.read_parquet(path)
    before, start, cpu = _peak(), time.perf_counter(), time.process_time()
    found = group_topics(questions)
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = _peak()
    other = group_topics(questions.sample(fraction=1.0, shuffle=True, seed=5))
    same = all(getattr(found, name).equals(getattr(other, name)) for name in ("topics", "members", "known"))
    shown = {
        "questions": len(questions),
        "seconds": seconds,
        "CPU s": cpu,
        "peak MB": peak,
        "MB before": before,
        "shuffled": same,
    }
    return shown | {"topics": len(found.topics), "other %": 100 * found.members["topic"].null_count() / len(questions)}


def nights(told: argparse.Namespace) -> dict[str, float]:
    """Slide a window of seven days by a day, night after night, and count the large topics that keep their id."""
    days = [drawn(100 + day, 6_000, shift=0.5) for day in range(7 + told.nights)]
    known, large, kept = None, None, []
    for night in range(told.nights + 1):
        window = pl.concat(days[night : night + 7]).group_by("text").agg(pl.col("count").sum())
        found = group_topics(window, known=known)
        if large is not None:
            kept.append(100 * large.is_in(found.topics["topic"].implode()).mean())
        known, large = found.known, found.topics["topic"].head(50)
    return {"window": len(window), "topics": len(found.topics), "kept %": min(kept)}


def banking(told: argparse.Namespace) -> dict[str, float]:
    """Group BANKING77 and compare with its intents; groups of fewer than 5 count as single questions."""
    from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

    rows = pl.concat([pl.read_csv(Path(told.banking) / name) for name in ("train.csv", "test.csv")])
    start = time.perf_counter()
    settings = TopicSettings(least_questions=5)
    found = group_topics(rows.select("text", count=pl.lit(1)), settings=settings)
    seconds = time.perf_counter() - start
    rows = rows.join(found.members, on="text", how="left").with_row_index()
    ours = rows.select(pl.coalesce("topic", pl.col("index").cast(pl.String))).to_series().to_list()
    intents = rows["category"].to_list()
    ari, nmi = adjusted_rand_score(intents, ours), normalized_mutual_info_score(intents, ours)
    return {"questions": len(rows), "seconds": seconds, "ARI": ari, "NMI": nmi, "topics": len(found.topics)}


def _peak() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


MEASURES: dict[str, Callable[[argparse.Namespace], dict[str, float]]] = {
    "scale": scale,
    "nights": nights,
    "banking": banking,
}
AIMS = (
    ("scale", "seconds", "under 60 s", lambda value: value < 60),
    ("scale", "peak MB", "under 1,500 MB", lambda value: value < 1_500),
    ("scale", "shuffled", "the same in any order", bool),
    ("nights", "kept %", "at least 90 of 100 large topics keep their id", lambda value: value >= 90),
    ("banking", "ARI", "at least 0.27", lambda value: value >= 0.27),
    ("banking", "NMI", "at least 0.62", lambda value: value >= 0.62),
)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--questions", type=int, default=200_000)
    parser.add_argument("--nights", type=int, default=7)
    parser.add_argument("--banking", default=str(Path(__file__).parents[2] / "shared" / "data" / "banking77"))
    parser.add_argument("--work", default=tempfile.gettempdir(), help="where the made questions are kept")
    parser.add_argument("--only", choices=MEASURES)
    told = parser.parse_args()
    if told.only:
        print(json.dumps(MEASURES[told.only](told)))
        return
    found = {}
    for name in MEASURES:
        if name == "banking" and not Path(told.banking).is_dir():
            continue
        done = subprocess.run([sys.executable, *sys.argv, "--only", name], check=True, stdout=subprocess.PIPE)
        found[name] = json.loads(done.stdout)
        print(name, ", ".join(f"{key} {value:,.5g}" for key, value in found[name].items()))
    for name, key, aim, holds in AIMS:
        if name in found:
            value = found[name][key]
            print(f"{name:8} {key:9} {value:9,.4g}  {'holds ' if holds(value) else 'MISSED'}  {aim}")


if __name__ == "__main__":
    main()

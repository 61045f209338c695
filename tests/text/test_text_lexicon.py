"""Word lists: the format, its errors, and the product's own lists."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from lines import lexicon

from kefu.errors import ConfigError
from kefu.text import Entry, Lexicon
from kefu.text.lexicon import CUES, Note
from kefu.text.listing import list_files, read_list
from kefu.text.phrases import GAP, Phrases


def of(tmp_path: Path, content: str | bytes, name: str = "abuse.txt") -> Lexicon:
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return Lexicon.load(path)


def test_a_list_can_be_one_word_a_line(tmp_path: Path) -> None:
    found = of(tmp_path, "滚蛋\n烦死了\n\n# 注释\n  TNND  \n", "our_words.txt")
    assert [(entry.word, entry.category, entry.severity) for entry in found.entries] == [
        ("滚蛋", "our_words", 1),
        ("烦死了", "our_words", 1),
        ("tnnd", "our_words", 1),
    ]


def test_headers_and_columns(tmp_path: Path) -> None:
    found = of(
        tmp_path, "一\t\tisolated\n[refusal] severity=2\n二\n三\t3\n[allow]\n一二\n[promise]\n四\n五\t2\tallow\n"
    )
    assert [(e.word, e.category, e.severity, e.isolated) for e in found.entries] == [
        ("一", "abuse", 1, True),
        ("二", "refusal", 2, False),
        ("三", "refusal", 3, False),
        ("四", "promise", 1, False),
    ]
    assert found.allowed == ("一二", "五")


def test_weak_words_stances_and_cues(tmp_path: Path) -> None:
    found = of(
        tmp_path, "曝光\t\tweak\n[promise] unless=negated,asked\n包过\n[x] unless=nothing\n一\n[threat] of=abuse\n要\n"
    )
    assert [(e.word, e.category, e.weak, sorted(e.unless)) for e in found.entries] == [
        ("曝光", "abuse", True, ["quoted"]),
        ("包过", "promise", False, ["asked", "negated"]),
        ("一", "x", False, []),
    ]
    assert [(cue.word, cue.category, set(cue.of)) for cue in found.cues] == [("要", "threat", {"abuse"})]


def test_a_gap_is_kept_and_three_dots_are_three_dots(tmp_path: Path) -> None:
    assert of(tmp_path, "說了…遍\nt...d\n").words == ["说了…遍", "t...d"]


def test_a_backslash_takes_the_first_character_literally(tmp_path: Path) -> None:
    assert of(tmp_path, "\\#12315\n\\[怒]\n\\\\o/a\n").words == ["#12315", "[怒]", "\\o/a"]


@pytest.mark.parametrize("content", ["\ufeff滚蛋\r\n烦死了\r\n", "滚蛋\n烦死了"])
def test_marks_and_line_ends_do_not_matter(content: str, tmp_path: Path) -> None:
    assert of(tmp_path, content).words == ["滚蛋", "烦死了"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("滚蛋\n烦\t5\n", "lexicon 'abuse.txt', line 2: severity '5' is none of 1, 2, 3"),
        ("滚蛋\t1\tloud\n", "line 1: 'loud' is no flag: write one of allow, isolated"),
        ("a\t1\tallow\tx\n", "line 1 has 4 columns"),
        ("\n\n[Abuse\n", "line 3 is no section header"),
        ("[abuse] colour=3\n", "line 1: 'colour' is no setting"),
        ("[abuse] severity=high\n", "line 1: severity 'high'"),
        ("好的\n!!\n", "line 2: '!!' has no letter, digit or character: delete the line"),
        ("\u200b\n", "line 1: '' has no letter"),
        ("字" * 101, "line 1: a word of 101 characters"),
        ("滚\0蛋", "line 1: '滚\\x00蛋' has a control character in it: delete it"),
        ("\u0301", "line 1: '\u0301' has no letter"),
        ("说了…", "line 1: '说了…' has no letter, digit or character on each side of …"),
        ("…遍", "on each side of …"),
        ("说……遍", "line 1: '说……遍' has no letter, digit or character on each side of …"),
        ("说…了…好几…遍", "line 1: '说…了…好几…遍' has 3 gaps: write … 2 times at most"),
        ("{滚|走蛋", "line 1: '{滚|走蛋' has a brace without its other, or one in another: write {a|b}"),
        ("{滚|{走}}蛋", "has a brace without its other"),
        ("滚…{蛋|}", "line 1: '滚…{蛋|}' has no letter, digit or character on each side of …"),
        ("{a|b|c|d}" * 5, "says 1,024 things: write 1,000 at most"),
        ("[abuse] unless=joking", "line 1: unless=joking is unknown: write some of asked, negated, quoted, nothing"),
        ("[cue] severity=2", "line 1: 'severity' is no setting of [cue]: write of only"),
        ("滚蛋\n".encode() + b"\xff\xfe", "line 2 is not UTF-8: save the file as UTF-8"),
    ],
)
def test_a_broken_line_is_named(content: str | bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        of(tmp_path, content)
    assert message in str(caught.value)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"lexicon 'none\.txt' cannot be read"):
        Lexicon.load([], extra=[tmp_path / "none.txt"])


def test_duplicates_are_reported_and_the_first_counts(tmp_path: Path) -> None:
    found = of(tmp_path, "軟件\t2\n软件\t3\n")
    assert [(entry.word, entry.severity) for entry in found.entries] == [("软件", 2)]
    assert found.notes == (Note("lexicon 'abuse.txt', line 2", "软件", "lexicon 'abuse.txt', line 1", innocent=False),)


def test_lists_are_added_replaced_and_silenced(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.txt").write_text("甲\n乙\n", encoding="utf-8")
    (tmp_path / "own" / "notes.md").write_text("no list", encoding="utf-8")
    (tmp_path / "more.txt").write_text("丙\n[allow]\n甲\n", encoding="utf-8")
    assert Lexicon.load(tmp_path / "own").words == ["甲", "乙"]
    added = Lexicon.load(tmp_path / "own", extra=[tmp_path / "more.txt"])
    assert added.words == ["乙", "丙"]
    assert added.notes[0].innocent
    assert Lexicon.load(tmp_path / "own", replace=[tmp_path / "more.txt"]).words == ["丙"]


def test_the_digest_follows_the_content_only() -> None:
    one, two = Entry("甲", "a", place="x"), Entry("乙", "b", severity=2)
    assert Lexicon.of([one, two]).digest == Lexicon.of([two, Entry("甲", "a", place="y")]).digest
    changed = (
        Entry("甲", "a", severity=2),
        Entry("甲", "c"),
        Entry("甲", "a", isolated=True),
        Entry("甲", "a", allowed=True),
        Entry("甲", "a", weak=True),
        Entry("甲", "a", unless=frozenset()),
        Entry("甲", "cue"),
        Entry("甲", "cue", of=frozenset({"a"})),
    )
    assert len({Lexicon.of([entry, two]).digest for entry in (one, *changed)}) == 9


@pytest.mark.parametrize("subject", ["sensitive", "opinion"])
def test_our_lists_have_no_duplicates_and_no_idle_innocent_words(subject: str) -> None:
    ours = lexicon(subject)
    assert ours.notes == ()
    assert _idle_lines(subject, Phrases(ours.words)) == []
    assert {cue.category for cue in ours.cues} <= CUES
    named = {category for cue in ours.cues for category in cue.of}
    assert named <= {entry.category for entry in ours.entries}


def _idle_lines(subject: str, listed: Phrases) -> list[str]:
    """Give the innocent lines without a gap in none of whose wordings a listed word is found."""
    folder = Path(str(files("kefu_lexicons"))) / subject
    innocent = (entry for path in list_files([folder]) for entry in read_list(path) if entry.allowed)
    wordings = ((entry.place, Lexicon.of([entry]).allowed) for entry in innocent if GAP not in entry.word)
    return [place for place, said in wordings if not any([*listed.spans(word)] for word in said)]


def test_our_categories_are_the_documented_ones() -> None:
    folder = Path(str(files("kefu_lexicons")))
    table = (Path(__file__).parents[2] / "docs" / "lexicons.md").read_text(encoding="utf-8")
    for subject in ("sensitive", "opinion"):
        categories = {entry.category for entry in lexicon(subject).entries}
        assert categories == {path.stem for path in (folder / subject).glob("*.txt")} - {"cues"}
        assert all(f"`{category}`" in table for category in categories)


@pytest.mark.long
def test_a_list_of_a_million_lines_is_read(tmp_path: Path) -> None:
    dull = "\n".join(f"词{number:x}甲" for number in range(1_000_000))
    assert len(of(tmp_path, dull).entries) == 1_000_000

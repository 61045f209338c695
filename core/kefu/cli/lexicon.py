"""``kefu lexicon``: word lists."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from kefu.cli.options import config_option, format_option, language_option


@click.group("lexicon", short_help="Check word lists. 检查词表")
def command() -> None:
    """Word lists. 词表"""


@command.command("check", short_help="Lint word lists against ordinary talk. 检查词表")
@click.argument("lists", type=click.Path(path_type=Path), nargs=-1)
@click.option("--subject", default="sensitive", show_default=True, help="The lists to check, where no LISTS are named.")
@click.option("--sample", type=click.Path(path_type=Path), help="Ordinary messages: a data folder, or a line each.")
@click.option("--role", type=click.Choice(["agent", "customer"]), help="Who speaks in a data folder.")
@click.option("--most", type=click.IntRange(min=1), default=20_000, show_default=True, help="One in so many may hit.")
@format_option
@language_option
@config_option
def check(
    lists: tuple[Path, ...],
    subject: str,
    sample: Path | None,
    role: str | None,
    most: int,
    form: str,
    lang: str | None,
    config: Path | None,
) -> None:
    """Find what is odd in word lists: LISTS, or the lists in use on a subject. 检查词表

    Words that hit ordinary talk, digits, single characters, two letters, duplicates, words hidden by others. Nothing is
    dropped: what to do is said beside each. Exit code 1: something was found.
    """
    from kefu.config import WordLists, load_settings
    from kefu.run.sample import read_sample
    from kefu.run.words import lexicon_of, tokenizer
    from kefu.show.lint import write_findings
    from kefu.text import Lexicon, WordFinder
    from kefu.text.lint import lint

    settings = load_settings(config, language=lang)
    lexicon = Lexicon.load(lists) if lists else lexicon_of(subject, settings.lexicons.get(subject, WordLists()))
    finder = WordFinder(lexicon, tokenizer(settings.dictionaries))
    speaker = role or ("customer" if subject == "opinion" else "agent")
    messages = None if sample is None else read_sample(sample, speaker, settings)
    findings = lint(lexicon, finder, messages, most)
    write_findings(findings, len(lexicon.entries), messages, form, settings.language)
    sys.exit(1 if findings else 0)

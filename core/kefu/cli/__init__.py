"""The command ``kefu``. Each sub-command is a module, imported when it is called, so that help stays quick."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import rich_click as click

ALLOCATOR = "narenas:2,dirty_decay_ms:500,muzzy_decay_ms:0"
"""How polars' allocator keeps freed memory: briefly. It costs a little time and saves a fifth of the memory."""
COMMANDS = {
    "run": "Compute the metrics of transcripts. 计算指标",
    "show": "Show values from the store. 查看历史指标",
    "why": "Say what changed, and which groups made it. 变化归因",
    "diff": "Say which values changed, and by which sessions. 对比",
    "export": "Export values and facts for other programs. 导出",
    "scorecard": "Rank agents and teams by their points. 综合评分",
    "goals": "Say which goals are met, on track, at risk or missed. 目标",
    "balance": "Set efficiency beside what customers perceive. 效率与感知",
    "outlook": "Forecast each agent's metrics; whom to coach. 展望与辅导",
    "explain": "List the sessions behind a number. 追溯指标背后的会话",
    "list": "List scripts, topics, words and more. 列出清单",
    "report": "Write a report as one HTML file. 生成报告",
    "serve": "Serve the repair queue and the metrics as web pages. 打开网页",
    "queue": "Work on the repair queue. 修复队列",
    "check": "Check the input and list every rejected row. 检查输入",
    "lexicon": "Check word lists. 检查词表",
    "metrics": "Show every metric and what it means. 列出指标",
    "plugins": "Show every plugin and whether it works. 列出插件",
    "store": "Upgrade, back up, clear out the store. 维护存储",
    "doctor": "Look for what is wrong with the installation and the store. 体检",
}
"""The sub-commands, with the help that ``kefu --help`` shows without importing them."""


class LazyGroup(click.RichGroup):
    """A group whose commands are modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the commands in the order in which people meet them."""
        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command when it is called; for the list of commands its help is enough."""
        if cmd_name not in COMMANDS:
            return None
        if ctx.resilient_parsing or _only_listing():
            return click.RichCommand(name=cmd_name, short_help=COMMANDS[cmd_name], help=COMMANDS[cmd_name])
        module: Any = import_module(f"kefu.cli.{cmd_name}")
        command: click.Command = module.command
        return command


def _only_listing() -> bool:
    return not any(argument in COMMANDS for argument in sys.argv[1:])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kefu")
def cli() -> None:
    """Kefu 客服: customer-service chat transcripts in, the metrics that a service team runs on out.

    Times without an offset are read in the business time zone. Exit codes: 0 done; 1 done, but a plugin or a file
    failed; 2 wrong usage or configuration; 3 input unusable; 4 done, but a check says error; 5 the store cannot be
    used; 75 another run is at work on the store; 128 and its number after a signal.
    """


def main() -> None:
    """Run the command line; a user's mistake is a sentence and an exit code, never a traceback."""
    from kefu.cli.exits import exit_code
    from kefu.errors import KefuError

    os.environ.setdefault("_RJEM_MALLOC_CONF", ALLOCATOR)  # read when polars is first imported
    try:
        cli(standalone_mode=True)
    except KefuError as error:
        print(f"kefu: {_plain(error)}", file=sys.stderr)  # noqa: T201
        sys.exit(exit_code(error))


def _plain(error: BaseException) -> str:
    from kefu.show.safe import safe

    return safe(str(error))

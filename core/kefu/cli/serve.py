"""``kefu serve``: the pages of the repair queue and the metrics."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

import rich_click as click

from kefu.cli.options import config_option, language_option, plugins_option, store_option


@click.command("serve", short_help="Serve the repair queue and the metrics as web pages. 打开网页")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", type=click.IntRange(1, 65535), default=8321, show_default=True)
@click.option("--token-file", type=click.Path(path_type=Path), help="File with a name, a role and a token a line.")
@click.option("--allow-host", multiple=True, metavar="NAME", help="A further name by which browsers may ask for it.")
@click.option("--certificate", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="TLS certificate.")
@click.option("--key", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Key of the certificate.")
@click.option("--proxy", metavar="ADDRESS", help="Address of a proxy in front that speaks TLS.")
@store_option
@plugins_option
@config_option
@language_option
def command(
    host: str,
    port: int,
    token_file: Path | None,
    allow_host: tuple[str, ...],
    certificate: Path | None,
    key: Path | None,
    proxy: str | None,
    store: str | None,
    plugins_dir: Path | None,
    config: Path | None,
    lang: str | None,
) -> None:
    """Serve the repair queue, topics, verified repairs and metrics of the store, until Ctrl-C. 打开网页

    Only this machine can see them, unless --host names another address; that needs --token-file.
    """
    from kefu.config import load_settings
    from kefu.show.safe import safe
    from kefu.store import open_store
    from kefu.web.app import create_app
    from kefu.web.people import read_tokens
    from kefu.web.server import Place, require_tokens, serve

    if (certificate is None) != (key is None):
        raise click.UsageError("--certificate and --key go together")
    place = Place(host, port, certificate, key, proxy)
    require_tokens(place, with_tokens=token_file is not None)
    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    tokens = None if token_file is None else read_tokens(token_file)
    with open_store(settings.store, create=False) as kept:
        app = create_app(kept, settings, place.hosts(allow_host), tokens, me=_me())
        print(safe(f"kefu: {place.address}"), file=sys.stderr)  # noqa: T201
        serve(app, place)


def _me() -> str:
    """Return what the user is called on this machine."""
    try:
        return getpass.getuser()
    except OSError:  # a user without a name, as in a container
        return "editor"

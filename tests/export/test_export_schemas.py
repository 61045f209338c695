"""Every JSON that kefu prints has a published schema, and says nothing that it does not."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from commands import kefu
from jsonschema import Draft202012Validator, FormatChecker

from few_sessions import write_few_sessions
from kefu.export import schemas

ROOT = Path(__file__).parents[2]
GOOD = "session_id,sent_at,role,text\ns1,2025-06-02 10:00:00,customer,在吗\ns1,nonsense,agent,在\n"
GOALS = """
[goals.replies]
title = { zh = "回复更快", en = "Quicker replies" }
metric = "reply_interval"
where = { queue = "售后" }
baseline = 60
target = 30
start = 2025-06-01
deadline = 2025-09-30
owner = "王敏"
steps = [{ by = 2025-07-15, value = 45 }]
"""


def strict(schema: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a schema that knows all keys: published ones let later versions add some."""
    if isinstance(schema, list):
        return [strict(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: strict(one) for name, one in schema.items()}
    if isinstance(found.get("properties"), dict) and "additionalProperties" not in found:
        found["additionalProperties"] = False
    return found


def problems(document: dict[str, Any]) -> list[str]:
    schema = strict(schemas.schema(document["schema"]))
    found = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(document)
    return [f"{error.json_path}: {error.message[:200]}" for error in found]


def commands(week: str, folder: Path) -> Iterator[list[str | Path]]:
    store, few = ["--store", week], folder / "few"
    few.mkdir()
    write_few_sessions(few)
    (folder / "data").mkdir()
    (folder / "data" / "messages.csv").write_text(GOOD, encoding="utf-8")
    yield ["run", few, "--by", "queue", "--by", "date", "--store", "none"]
    yield ["run", folder / "data", "--store", folder / "new.db"]
    yield ["show", *store]
    yield ["show", "--from", "2025-05-30", "--to", "2025-06-12", "--by", "team", *store]
    for metric in ("reply_interval", "sensitive_word_rate", "peak_concurrency", "hotspot_repair_rate"):
        yield ["explain", metric, few]
        yield (
            ["explain", metric, "--where", "team=unknown", *store]
            if "rep" not in metric
            else ["explain", metric, *store]
        )
    yield ["check", folder / "data"]
    yield ["diff", "2025-06-02", "2025-06-03", *store]
    yield ["why", "reply_interval", *store]
    yield ["why", "reply_interval_p90", "--by", "team", "--day", "2025-06-05", *store]
    yield ["why", "hotspot_repair_rate", "--by", "queue", *store]
    yield ["list"]
    yield ["list", "topics", few]
    yield ["metrics"]
    yield ["plugins"]
    yield ["lexicon", "check"]
    yield ["queue", "list", *store]
    yield ["queue", "show", "1", *store]
    yield ["queue", "claim", "1", "9999", "--as", "王敏", *store]
    yield ["doctor", *store]
    yield ["store", "upgrade", *store]
    yield ["store", "backup", folder / "copy.db", *store]
    yield ["store", "purge", "--older-than", "2020-01-01", "--yes", *store]
    yield ["store", "forget", "--customer", "nobody", "--yes", "--store", folder / "copy.db"]
    yield ["export", "values", "--by", "queue", *store]
    goals = folder / "goals.toml"
    goals.write_text(GOALS, encoding="utf-8")
    for command in (["scorecard"], ["balance", "--by", "agent_id"], ["goals", "--config", goals], ["outlook"]):
        yield [*command, *store]


def test_every_document_is_what_its_schema_says(week: str, tmp_path: Path) -> None:
    seen = set()
    for arguments in commands(week, tmp_path):
        done = kefu(*arguments, "--format", "json")
        assert done.code in {0, 1, 2}, done.err
        assert done.out, arguments
        document = done.document
        assert problems(document) == [], arguments
        seen.add(document["schema"])
    assert {*schemas.names()} - seen <= {"kefu.notify/1"}


def test_what_the_webhook_gets_is_what_its_schema_says() -> None:
    import datetime as dt

    from kefu.context import Checked
    from kefu.metric import Title
    from kefu.night.notify import Report, report_document

    check = Checked("volume", "warn", Title(zh="少", en="few"))
    night = dt.date(2025, 6, 8)
    report = Report("done", 3, night, [night], [], [night], [check], ["plugin x failed"])
    assert problems(report_document(report)) == []


@pytest.mark.parametrize("name", schemas.names())
def test_schemas_are_well_formed(name: str) -> None:
    schema = schemas.schema(name)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == name
    assert schema["description"]
    assert json.loads(kefu("export", "schema", name).out) == schema


def test_a_wrong_document_is_refused(week: str) -> None:
    """Else the laws above would say nothing."""
    document = kefu("show", "--store", week, "--format", "json").document
    for wrong in (
        {**document, "new": 1},
        {**document, "schema": "kefu.why/1"},
        {**document, "period": None},
        {**document, "metrics": [{**document["metrics"][0], "value": "0.5"}]},
        {**document, "metrics": [{**document["metrics"][0], "unit": "per cent"}]},
    ):
        assert problems(wrong)


def test_published_schemas_leave_room_for_more() -> None:
    """What is added later keeps the number, so that no reader may refuse what it does not know."""
    for name in schemas.names():
        assert '"additionalProperties": false' not in json.dumps(schemas.schema(name))


def test_every_document_has_a_schema() -> None:
    code = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "core").rglob("*.py"))
    assert {*re.findall(r'"(kefu(?:\.[a-z]+)?/\d+)"', code)} <= {*schemas.names()}


def test_an_unknown_schema_is_a_users_mistake() -> None:
    done = kefu("export", "schema", "kefu/9")
    assert done.code == 2
    assert "there are kefu." in done.err
    assert kefu("export", "schema").out.splitlines() == schemas.names()

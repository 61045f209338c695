"""Our own cards and scales, as they would stand in a file; ``docs/steering.md`` says why each number is what it is."""

from __future__ import annotations

from typing import Any

_Scale = dict[str, Any]

_CSAT: _Scale = {"floor": 0.6, "target": 0.9}
_SOLVED: _Scale = {"floor": 0.55, "target": 0.85}
_SOLVED_TECHNICAL: _Scale = {"floor": 0.4, "target": 0.75}
_IN_USE: _Scale = {"band": (0.7, 0.85), "limits": (0.4, 1.0)}
_REPLY: _Scale = {"floor": 120.0, "target": 20.0}
_NO_WORDS: _Scale = {"floor": 0.1, "target": 0.0}
_ENOUGH_TALK: _Scale = {"band": (3.0, 8.0), "limits": (0.0, 16.0)}


def _scene(
    scene: str, zh: str, en: str, weights: tuple[float, float, float, float], **scales: _Scale
) -> dict[str, Any]:
    names = ("first_response", "first_contact_resolution", "csat", "utilisation")
    usual = {"first_contact_resolution": _SOLVED, "csat": _CSAT, "utilisation": _IN_USE, **scales}
    return {
        "title": {"zh": zh, "en": en},
        "by": "agent_id",
        "where": {"scene": scene},
        "metrics": {name: {"weight": weight, **usual[name]} for name, weight in zip(names, weights, strict=True)},
    }


CARDS: dict[str, dict[str, Any]] = {
    "online": _scene("online", "在线客服", "Online", (30, 25, 20, 25), first_response=_REPLY),
    "phone": _scene("phone", "电话客服", "Phone", (25, 30, 25, 20), first_response={"floor": 60.0, "target": 20.0}),
    "technical": _scene(
        "technical",
        "技术支持",
        "Technical support",
        (15, 50, 20, 15),
        first_response={"floor": 300.0, "target": 60.0},
        first_contact_resolution=_SOLVED_TECHNICAL,
    ),
    "agents": {
        "title": {"zh": "客服视角", "en": "Agents' view"},
        "by": "agent_id",
        "metrics": {
            "script_usage_rate": {"weight": 30, "floor": 0.0, "target": 2.0},
            "sensitive_word_rate": {"weight": 30, **_NO_WORDS},
            "reply_interval": {"weight": 40, **_REPLY},
        },
    },
    "operations": {
        "title": {"zh": "运营视角", "en": "Operations' view"},
        "by": "team",
        "metrics": {
            "peak_concurrency": {"weight": 40, "band": (3.0, 8.0), "limits": (1.0, 12.0)},
            "interactions_per_session": {"weight": 30, **_ENOUGH_TALK},
            "agent_closed_rate": {"weight": 30, "floor": 0.6, "target": 0.1},
        },
    },
    "knowledge": {
        "title": {"zh": "知识编辑视角", "en": "Knowledge editors' view"},
        "by": "whole",
        "metrics": {
            "robot_interception_rate": {"weight": 40, "floor": 0.3, "target": 0.7},
            "hotspot_repair_rate": {"weight": 30, "floor": 0.2, "target": 0.9},
            "hotspot_adoption_rate": {"weight": 30, "floor": 0.2, "target": 0.8},
        },
    },
}

EFFICIENCY: dict[str, dict[str, Any]] = {
    "handle_time": {"floor": 900.0, "target": 300.0},
    "reply_interval": {**_REPLY, "instead_of": "handle_time"},
    "occupancy": {"band": (0.75, 0.9), "limits": (0.4, 1.0)},
    "mean_concurrency": {"band": (2.0, 5.0), "limits": (0.5, 10.0), "instead_of": "occupancy"},
    "interactions_per_session": _ENOUGH_TALK,
}
PERCEPTION: dict[str, dict[str, Any]] = {
    "csat": _CSAT,
    "first_contact_resolution": _SOLVED,
    "abrupt_close_rate": {"floor": 0.2, "target": 0.0},
    "agent_closed_rate": {"floor": 0.6, "target": 0.1, "instead_of": "abrupt_close_rate"},
    "sensitive_word_rate": _NO_WORDS,
}

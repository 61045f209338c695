"""Settings of scorecards: which metrics, how they weigh, and who is ranked by them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from kefu.aims.house import CARDS
from kefu.aims.scale import Scale, Where, Words, laid_over


class CardSettings(Where):
    """A scorecard (``[scorecards.NAME]``).

    :param by: whom it ranks; ``whole`` for one line.
    :param least_sessions: who has fewer human sessions stands there without a rank.
    :param off: whether the card is left out.
    """

    title: Words | None = None
    by: Literal["agent_id", "team", "queue", "channel", "scene", "whole"] = "agent_id"
    metrics: dict[str, Scale] = Field(default={})
    least_sessions: int = Field(default=20, ge=0)
    off: bool = False

    @model_validator(mode="after")
    def _something_to_weigh(self) -> Self:
        if not self.off and not self.weighed:
            raise ValueError(
                "a card needs a metric with a weight above 0, such as csat = { floor = 0.6, target = 0.9 }"
            )
        if self.by in self.where:
            raise ValueError(f"{self.by} cannot be in where: the card ranks by it")
        return self

    @property
    def weighed(self) -> dict[str, Scale]:
        """The metrics that count."""
        return {name: scale for name, scale in self.metrics.items() if scale.weight > 0}


def with_house_cards(told: Any) -> Any:  # noqa: ANN401 - whatever a file holds
    """Lay cards that were told over ours, setting by setting and metric by metric."""
    if not isinstance(told, Mapping):
        return told
    found: dict[str, Any] = {**CARDS}
    for name, card in told.items():
        ours = CARDS.get(name, {})
        if not isinstance(card, Mapping):
            found[name] = card
            continue
        found[name] = {**ours, **card}
        if "metrics" in card:
            found[name]["metrics"] = laid_over(card["metrics"], ours.get("metrics", {}))
    return found


def house_cards() -> dict[str, CardSettings]:
    """Return our own cards."""
    return {name: CardSettings.model_validate(card) for name, card in CARDS.items()}

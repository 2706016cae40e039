"""The accessibility statement of the RGAA, and its 106 criteria with our own answers.

`criteria.json` is the only source of both: a criterion's wording, what we found (met, not_met, not_applicable, unchecked) and
on which evidence. Nobody audited this software: the statement says "not compliant", whatever the answers are.
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from litestar import Response, Router, get

from estran.desk.screen import AnyRequest, Now
from estran.public.show import show
from estran.texts import typeset

SOURCE = Path(__file__).with_name("criteria.json")


class Found(StrEnum):
    """What we know of a criterion."""

    MET = "met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    UNCHECKED = "unchecked"


@dataclass(frozen=True, slots=True)
class Criterion:
    """One question of the RGAA, in our words and by language, with our answer and its evidence or reason."""

    number: str
    wording: dict[str, str]
    found: Found
    why: dict[str, str]


@dataclass(frozen=True, slots=True)
class Theme:
    """A group of criteria, as the RGAA numbers it."""

    number: int
    name: dict[str, str]
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Assessment:
    """Our own look at the software: on which day, with which tools, and what was found."""

    on: date
    tools: tuple[str, ...]
    themes: tuple[Theme, ...]

    @property
    def criteria(self) -> tuple[Criterion, ...]:
        """All of them, in order."""
        return tuple(criterion for theme in self.themes for criterion in theme.criteria)

    @property
    def counts(self) -> dict[Found, int]:
        """How many criteria have which answer."""
        counted = Counter(criterion.found for criterion in self.criteria)
        return {found: counted[found] for found in Found}


def _said(words: dict[str, str]) -> dict[str, str]:
    return {lang: typeset(text) if lang == "fr" else text for lang, text in words.items()}


@cache
def assessment() -> Assessment:
    """What `criteria.json` holds."""
    raw: dict[str, Any] = json.loads(SOURCE.read_text(encoding="utf-8"))
    return Assessment(
        on=date.fromisoformat(raw["assessed_on"]),
        tools=tuple(raw["tools"]),
        themes=tuple(
            Theme(
                number=theme["number"],
                name=_said(theme["name"]),
                criteria=tuple(
                    Criterion(one["number"], _said(one["wording"]), Found(one["found"]), _said(one["why"]))
                    for one in theme["criteria"]
                ),
            )
            for theme in raw["themes"]
        ),
    )


@get("/", include_in_schema=False)
async def statement(request: AnyRequest, now: Now) -> Response[Any]:
    """The statement, in the form that the law fixes (loi 2005-102, art. 47; décret 2019-768)."""
    known = assessment()
    return await show(
        request,
        "accessibility",
        now=now,
        known=known,
        not_met=[criterion for criterion in known.criteria if criterion.found is Found.NOT_MET],
    )


@get("/criteria", include_in_schema=False)
async def criteria(request: AnyRequest, now: Now) -> Response[Any]:
    """Every criterion with our answer."""
    return await show(request, "criteria", now=now, known=assessment())


routers = [Router("/accessibility", route_handlers=[statement, criteria])]

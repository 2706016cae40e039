"""Lists that one may search and sort: by a form and by links, without script. Pure.

What is asked for stands in the address (`q`, `sort`, and whatever else a list is narrowed by), so that a list can be reloaded,
gone back to and kept as a bookmark. Names searched for therefore stay in the officer's own browser, as the titles of the pages
do; nothing else keeps them: the server writes no log of addresses, and `Referrer-Policy` tells them to nobody.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import urlencode

T = TypeVar("T")
QUERY_MAX = 80


def folded(text: str) -> str:
    """Without case and accents, for searching and sorting: É beside E."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("œ", "oe").replace("æ", "ae"))
    return "".join(character for character in plain if not unicodedata.combining(character))


def holds(text: str, query: str) -> bool:
    """Whether each word searched for is in the text, whatever its case and accents."""
    within = folded(text)
    return all(word in within for word in folded(query).split())


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks of a list: words to search for, the column it is sorted by, and what else narrows it."""

    path: str
    query: str
    column: str
    is_down: bool
    others: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_narrowed(self) -> bool:
        """Whether anything is left out of the list."""
        return bool(self.query.strip() or any(self.others.values()))

    def aria(self, column: str) -> str:
        """The value of `aria-sort` for a column; empty for one that the list is not sorted by."""
        return ("descending" if self.is_down else "ascending") if column == self.column else ""

    def link(self, column: str) -> str:
        """The address of the same list sorted by this column; the other way round when it is already."""
        is_down = column == self.column and not self.is_down
        return self.address(sort=f"-{column}" if is_down else column)

    @property
    def sort(self) -> str:
        """The order, as the address says it."""
        return f"-{self.column}" if self.is_down else self.column

    def address(self, **changed: str) -> str:
        """The list's address with something else asked for."""
        values = {"q": self.query, **self.others, "sort": self.sort} | changed
        return f"{self.path}?{urlencode({name: value for name, value in values.items() if value})}"

    def sorted(self, rows: Iterable[T], keys: Mapping[str, Callable[[T], Any]]) -> list[T]:
        """The rows in the order asked for; equal ones keep the order they came in."""
        return sorted(rows, key=keys[self.column], reverse=self.is_down)


def asked(
    path: str, params: Mapping[str, str], columns: Collection[str], default: str, others: Collection[str] = ()
) -> Asked:
    """What `params` ask of the list at `path`; an order that there is not is the usual one. `-column` goes down."""
    sort = params.get("sort", "")
    if sort.removeprefix("-") not in columns:
        sort = default
    return Asked(
        path=path,
        query=params.get("q", "")[:QUERY_MAX],
        column=sort.removeprefix("-"),
        is_down=sort.startswith("-"),
        others={name: params.get(name, "")[:QUERY_MAX] for name in others},
    )

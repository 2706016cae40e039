"""What `/api/v1/openapi.json` tells a programmer who has nothing else."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.visits.conftest import Phone, Scanner, camille, issuer, till, town

__all__ = ["camille", "issuer", "till", "town"]

pytestmark = pytest.mark.anyio
Document = dict[str, Any]
LATER = {"guests", "slotId", "children", "number"}
"""What a scanner may leave out."""


@pytest.fixture
async def document(client: httpx.AsyncClient) -> Document:
    answer = await client.get("/api/v1/openapi.json")
    assert answer.status_code == 200
    found: Document = answer.json()
    return found


def operations(document: Document) -> Iterator[tuple[str, Document]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if path.startswith("/api/"):
                yield f"{method.upper()} {path}", operation


async def test_each_refusal_is_a_problem_with_a_code(document: Document) -> None:
    for name, operation in operations(document):
        refusals = {status: answer for status, answer in operation["responses"].items() if status.startswith("4")}
        assert refusals or name == "GET /api/v1/club", name
        for status, answer in refusals.items():
            assert list(answer["content"]) == ["application/problem+json"], (name, status)
            reference = answer["content"]["application/problem+json"]["schema"]["$ref"]
            assert "code" in document["components"]["schemas"][reference.rsplit("/", 1)[1]]["required"]


async def test_each_post_says_what_it_takes(document: Document) -> None:
    without = [name for name, one in operations(document) if name.startswith("POST") and "requestBody" not in one]
    assert sorted(without) == [
        "POST /api/v1/me/leave",
        "POST /api/v1/me/manifesto/{manifesto_id}/read",
        "POST /api/v1/pass/calendar",
        "POST /api/v1/sign-out",
    ]


async def test_an_outbox_is_described_to_its_last_field(document: Document, till: Scanner, camille: Phone) -> None:
    operation = document["paths"]["/api/v1/visits"]["post"]
    batch = operation["requestBody"]["content"]["application/json"]["schema"]
    assert {"401", "403", "422"} <= set(operation["responses"])
    assert batch["required"] == ["sentAtMs", "queueLength", "items"]
    assert batch["properties"]["items"]["maxItems"] == 100
    visit, undo = batch["properties"]["items"]["items"]["oneOf"]
    sent = till.scan(camille.show(till.clock()))
    for schema, item in ((visit, sent), (undo, till.undo(sent))):
        assert set(schema["properties"]) - LATER == set(item)
        assert schema["properties"]["kind"]["enum"] == [item["kind"]]
    assert visit["properties"]["reason"]["pattern"] == "^[a-z_]{1,24}$"
    assert "$ref" not in str(batch)

"""Everything that the OpenAPI document allows, and much that it does not, is answered as the document says: never a 5xx."""

from typing import Any, cast

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from estran.access import service as access
from estran.access.rules import Realm
from tests.visits.conftest import Phone, Scanner, camille, issuer, till, town

__all__ = ["camille", "issuer", "till", "town"]

pytestmark = [pytest.mark.anyio, pytest.mark.parametrize("engine_name", ["sqlite"], indirect=True)]
EXAMPLES = 12
LAST = "POST /api/v1/me/leave"
"""After it there is nobody left to sign in."""
ALL = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


async def test_no_answer_is_a_fault_or_undocumented(client: httpx.AsyncClient, till: Scanner, camille: Phone) -> None:
    document = (await client.get("/api/v1/openapi.json")).json()
    operations = [cast("Any", one).ok() for one in schemathesis.openapi.from_dict(document).get_all_operations()]
    answered = set()
    for operation in sorted(operations, key=lambda one: one.label == LAST):
        await sign_in(client, camille, till)
        for case in cases(operation):
            answer = await client.send(request_of(case, client, till))
            case.validate_response(answer, checks=ALL)
            answered.add((operation.label, answer.status_code))
    assert {label for label, _ in answered} == {one.label for one in operations}
    assert {status for _, status in answered} >= {200, 204, 401, 404, 410, 422}
    assert ("GET /api/v1/me", 200) in answered
    assert ("GET /api/v1/snapshot", 200) in answered
    assert (LAST, 200) in answered


async def sign_in(client: httpx.AsyncClient, camille: Phone, till: Scanner) -> None:
    link = await access.invite(camille.owner.account_id, Realm.PASS, now=till.clock())
    client.cookies.set("__Host-estran_pass", (await access.use_link(link, now=till.clock())).token)


def cases(operation: Any) -> list[Any]:
    """A few requests that the document allows for this operation, and a few that it does not; the same in each run."""
    found: list[Any] = []
    for mode in GenerationMode:

        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
            deadline=None,
        )
        @given(operation.as_strategy(generation_mode=mode))
        def collect(case: Any) -> None:
            found.append(case)

        try:
            collect()
        except Unsatisfiable:  # nothing can be wrong with a request that has no parts
            assert mode is GenerationMode.NEGATIVE
    return found


def request_of(case: Any, client: httpx.AsyncClient, till: Scanner) -> httpx.Request:
    """The case as a request of this browser, or of this scanner; their own proofs of who they are go with it."""
    sent = case.as_transport_kwargs(base_url=str(client.base_url))
    body = {"json": sent["json"]} if "json" in sent else {"content": sent.get("data")}
    headers = {name: value for name, value in dict(sent.get("headers") or {}).items() if name.lower() != "cookie"}
    if "scanner" in case.operation.tags:
        headers["Authorization"] = f"Device {till.token}"
    return client.build_request(sent["method"], sent["url"], params=sent.get("params"), headers=headers, **body)

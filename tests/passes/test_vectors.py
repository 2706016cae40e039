"""The literals of docs/pass-format.md: the same files as kit/test/rules/vectors.test.ts."""

from typing import Any

import jwt
import pytest

from estran.encoding import b64, unb64
from estran.passes import rules, token
from estran.passes.rules import Reason
from tests.passes import vectors

PASS = vectors.read("pass-v1.json")
CHECK = vectors.read("check-v1.json")
WELCOME = vectors.read("welcome-v1.json")
ISS = PASS["iss"]


def keys_of(case: dict[str, Any]) -> list[token.PublicKey]:
    keys = []
    for name in case.get("keys", PASS["defaultKeys"]):
        jwk = PASS["keys"][name]
        point = token.point(unb64(jwk["x"]), unb64(jwk["y"]))
        assert point is not None
        keys.append(token.PublicKey(unb64(jwk["kid"]), point))
    return keys


def accepted() -> list[dict[str, Any]]:
    return [case for case in PASS["cases"] if "fields" in case["expect"]]


@pytest.mark.parametrize("case", PASS["cases"], ids=lambda case: case["name"])
def test_a_text_gives_the_fields_or_the_reason_of_the_vectors(case: dict[str, Any]) -> None:
    parsed = token.parse(case["text"], ISS)
    reason = parsed if isinstance(parsed, Reason) else token.verify(parsed, ISS, keys_of(case))
    assert reason == case["expect"].get("reason")
    if reason is None:
        assert isinstance(parsed, token.Fields)
        wanted = case["expect"]["fields"]
        got = {
            name: b64(value) if isinstance(value, bytes) else value
            for name, value in parsed._asdict().items()
            if name in wanted
        }
        assert got == wanted


@pytest.mark.parametrize("case", accepted(), ids=lambda case: case["name"])
def test_the_presentation_is_rebuilt_to_the_letter(case: dict[str, Any]) -> None:
    parsed = token.parse(case["text"], ISS)
    assert isinstance(parsed, token.Fields)
    assert token.presentation_text(parsed, ISS) == case["expect"]["presentation"]
    assert b64(parsed.credential) == case["expect"]["credential"]
    assert token.parse_credential(unb64(case["expect"]["credential"])) == parsed._replace(
        iat=None, nonce=b"", proof=b""
    )


@pytest.mark.parametrize("case", accepted(), ids=lambda case: case["name"])
def test_what_is_rebuilt_is_an_ordinary_jwt(case: dict[str, Any]) -> None:
    credential, _, proof = case["expect"]["presentation"].partition("~")
    fields = case["expect"]["fields"]
    kid = unb64(fields["kid"])
    candidates = [known.key for known in keys_of(case) if known.kid == kid]
    payloads = []
    for key in candidates:
        try:
            payloads.append(
                jwt.decode(credential, key, ["ES256"], issuer=ISS, options={"require": ["iss", "sub", "jti", "exp"]})
            )
        except jwt.InvalidSignatureError:
            continue
    (payload,) = payloads
    assert (payload["sub"], payload["jti"], payload["exp"], payload["name"]) == (
        fields["sub"],
        fields["jti"],
        fields["exp"],
        fields["name"],
    )
    assert payload["status"]["status_list"] == {"idx": fields["idx"], "uri": f"{ISS}/status"}
    if fields["type"] == token.LIVE:
        holder = token.point(unb64(fields["x"]), unb64(fields["y"]))
        assert holder is not None
        bound = jwt.decode(proof, holder, ["ES256"], audience=ISS, options={"verify_iat": False})
        assert (bound["iat"], bound["nonce"]) == (fields["iat"], fields["nonce"])
    else:
        assert proof == ""
        assert "cnf" not in payload


@pytest.mark.parametrize("case", PASS["digits"], ids=lambda case: case["hex"])
def test_bytes_have_exactly_one_spelling(case: dict[str, str]) -> None:
    raw = bytes.fromhex(case["hex"])
    assert token.digits_of(raw) == case["digits"]
    assert token.bytes_of(case["digits"]) == raw


@pytest.mark.parametrize("digits", PASS["badDigits"], ids=lambda digits: digits[:20] or "empty")
def test_what_is_not_such_a_spelling_is_refused(digits: str) -> None:
    assert not token.bytes_of(digits)


@pytest.mark.parametrize("case", CHECK["cases"], ids=lambda case: case["name"])
def test_the_check_answers_as_the_vectors_say(case: dict[str, Any]) -> None:
    verdict = rules.check(**case["claims"], context=vectors.context(case["context"]))
    wanted = case["expect"]
    assert (verdict.answer, verdict.reason) == (wanted["answer"], wanted["reason"])
    assert verdict.benefit_id == wanted.get("benefitId")


@pytest.mark.parametrize("case", CHECK["codesAdvance"], ids=str)
def test_two_codes_advance_as_the_vectors_say(case: dict[str, Any]) -> None:
    (first_iat, first_mono), (second_iat, second_mono) = case["first"], case["second"]
    assert case["advance"] == rules.codes_advance(
        first_iat=first_iat, first_mono_s=first_mono, second_iat=second_iat, second_mono_s=second_mono
    )


def test_every_reason_has_a_vector_and_a_line_in_the_spec() -> None:
    spec = (vectors.FOLDER.parent.parent / "docs" / "pass-format.md").read_text(encoding="utf-8")
    seen = {case["expect"].get("reason") for case in PASS["cases"] + CHECK["cases"]}
    seen |= {case["expect"][1] for case in WELCOME["cases"]}  # judged by scanners alone: kit/src/rules/welcome.ts
    for reason in Reason:
        assert reason in seen, reason
        assert f"| `{reason}` | {rules.ANSWERS[reason]} |" in spec, reason

"""What the vectors cannot say: properties of the format over all inputs, and an independent library's opinion."""

import secrets
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from qrcode.constants import ERROR_CORRECT_L
from qrcode.main import QRCode
from sd_jwt.verifier import SDJWTVerifier

from estran.encoding import b64, unb64
from estran.passes import token
from estran.passes.rules import Reason
from estran.passes.token import Fields

ISS = "https://pass.example.org"
ISSUER = generate_private_key(SECP256R1())
PHONE = generate_private_key(SECP256R1())
ISSUER_JWK = token.jwk_of(ISSUER.public_key())
KEYS = [token.PublicKey(unb64(ISSUER_JWK["kid"]), ISSUER.public_key())]
PHONE_JWK = token.jwk_of(PHONE.public_key())

names = st.text(min_size=1, max_size=32).filter(token.is_good_name)


def make(name: str = "Camille V.", *, paper: bool = False, exp: int = 1_830_297_599, idx: int = 123) -> Fields:
    return Fields(
        type=token.PAPER if paper else token.LIVE,
        kid=KEYS[0].kid,
        sub=secrets.token_bytes(8),
        jti=secrets.token_bytes(6),
        exp=exp,
        idx=idx,
        name=name,
        x=b"" if paper else unb64(PHONE_JWK["x"]),
        y=b"" if paper else unb64(PHONE_JWK["y"]),
        signature=b"",
    )


def signed(fields: Fields, iss: str = ISS) -> Fields:
    # not sign_credential: hypothesis also makes names that are not NFC, which a parser must survive
    signature = token._ES256.sign(token.credential_input(fields, iss).encode(), ISSUER)
    fields = fields._replace(signature=signature)
    return fields if fields.type == token.PAPER else token.sign_proof(fields, iss, PHONE, iat=1, nonce=b"\0\1\2\3")


GENUINE = signed(make())
GENUINE_DIGITS = token.digits_of(GENUINE.raw)


@given(st.binary(min_size=1, max_size=280))
def test_digits_and_bytes_are_one_to_one(raw: bytes) -> None:
    assert token.bytes_of(token.digits_of(raw)) == raw


@given(st.text("0123456789", min_size=1, max_size=720))
def test_digits_that_are_read_are_the_only_spelling(digits: str) -> None:
    raw = token.bytes_of(digits)
    assert not raw or token.digits_of(raw) == digits


@given(
    st.one_of(st.text(max_size=900), st.text("0123456789", max_size=900).map(lambda digits: f"{ISS}/scan/#{digits}"))
)
@example("٣" * 300)
@example("²" * 300)
@example(f"{ISS}/scan/#" + "9" * 5000)
def test_any_text_is_read_or_given_a_reason(text: str) -> None:
    parsed = token.parse(text, ISS)
    assert isinstance(parsed, Reason) or token.digits_of(parsed.raw) in text


@given(st.binary(min_size=1, max_size=400))
def test_any_bytes_are_read_or_given_a_reason(raw: bytes) -> None:
    for parsed in (token.parse_bytes(raw), token.parse_credential(raw)):
        assert isinstance(parsed, Reason) or raw.startswith(parsed.credential)


@settings(max_examples=300)
@given(st.integers(0, len(GENUINE.raw) * 8 - 1))
def test_no_single_bit_can_change_unnoticed(bit: int) -> None:
    raw = bytearray(GENUINE.raw)
    raw[bit // 8] ^= 1 << bit % 8
    parsed = token.parse_bytes(bytes(raw))
    assert isinstance(parsed, Reason) or token.verify(parsed, ISS, KEYS) is not None


@given(st.integers(1, len(GENUINE.raw)))
def test_no_beginning_of_a_pass_is_a_pass(length: int) -> None:
    parsed = token.parse_bytes(GENUINE.raw[:length])
    assert isinstance(parsed, Reason) == (length != len(GENUINE.raw))


@settings(max_examples=50, deadline=None)
@given(names, st.integers(0, 2**32 - 1), st.integers(0, 2**24 - 1), st.booleans())
def test_whatever_is_signed_is_accepted(name: str, exp: int, idx: int, paper: bool) -> None:  # noqa: FBT001
    fields = signed(make(name, exp=exp, idx=idx, paper=paper))
    parsed = token.parse(f"{ISS}/scan/#{token.digits_of(fields.raw)}", ISS)
    assert parsed == fields
    assert token.verify(fields, ISS, KEYS) is None


@settings(max_examples=25, deadline=None)
@given(names)
def test_an_independent_rfc_9901_library_accepts_the_presentation(name: str) -> None:
    fields = signed(make(name))
    pem = ISSUER.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    issuer = JWK.from_pem(pem)
    verifier = SDJWTVerifier(token.presentation_text(fields, ISS), lambda *_: issuer, ISS, b64(fields.nonce))
    payload = verifier.get_verified_payload()
    assert payload["name"] == name
    assert payload["sub"] == b64(fields.sub)


@pytest.mark.parametrize("name", ["", "a\nb", "x" * 33, "é" * 17, "e\u0301lise", "\u202eabc"])
def test_the_issuer_refuses_names_that_may_not_stand_in_a_pass(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        token.sign_credential(make(name), ISS, ISSUER)


def test_the_worst_case_is_a_version_11_code() -> None:
    host = "pass.tourisme-granville-et-la-mer.fr"
    name = "Maëlle-Élisabeth-Anne-Lou O."
    assert (len(host), len(name.encode())) == (36, 30)
    origin = f"https://{host}"
    code = QRCode(error_correction=ERROR_CORRECT_L)
    digits = token.digits_of(signed(make(name), origin).raw)
    code.add_data(f"{origin}/scan/#", optimize=0)
    code.add_data(digits, optimize=0)
    code.make(fit=True)
    assert code.version == 11


def test_a_key_with_the_same_short_name_is_tried_too() -> None:
    stranger = generate_private_key(SECP256R1()).public_key()
    both = [token.PublicKey(KEYS[0].kid, stranger), *KEYS]
    assert token.verify(GENUINE, ISS, both) is None
    assert token.verify(GENUINE, ISS, both[:1]) is Reason.BAD_SIGNATURE
    assert token.verify(GENUINE, ISS, []) is Reason.UNKNOWN_KEY


def test_a_key_of_the_phone_that_is_no_point_fails_as_a_proof() -> None:
    fields = signed(make()._replace(x=b"\1" * 32, y=b"\2" * 32))
    assert token.verify(fields, ISS, KEYS) is Reason.BAD_PROOF


def test_digits_are_short_enough_for_every_pass() -> None:
    longest = signed(make("é" * 16))
    assert len(token.digits_of(longest.raw)) <= token.DIGITS_MAX
    shortest = signed(make("a", paper=True))
    assert len(token.digits_of(shortest.raw)) >= token.BARE_DIGITS_MIN
    assert all(small < large for small, large in pairwise(token.GROUP_DIGITS.values()))

"""base64url without padding, as JOSE writes it (RFC 7515 §2)."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def b64(raw: bytes) -> str:
    """`raw` as base64url without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of base64url without padding; raises ValueError on anything else, non-canonical spellings included."""
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if b64(raw) != text:
        msg = "not canonical base64url"
        raise ValueError(msg)
    return raw

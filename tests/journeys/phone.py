"""A phone without a screen: holds a real pass and says what its code would say at any second."""

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key

from estran.club.tables import Ambassador
from estran.encoding import unb64
from estran.passes import service, token
from estran.passes.keys import Issuer

from .world import World


@dataclass
class PocketPhone:
    """The pass of one ambassador on a key that the test holds."""

    world: World
    holder: Ambassador
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    credential: str = ""

    def __post_init__(self) -> None:
        jwk = token.jwk_of(self.key.public_key())

        async def act() -> str:
            issuer = Issuer(self.world.origin, Path(self.world.folder) / "keys")
            row = await service.issue(issuer, self.holder.id, jwk["x"], jwk["y"], "Android", now=datetime.now(UTC))
            return row.credential

        self.credential = self.world.do(act)

    def digits(self, *, age_s: float = 2) -> str:
        """The digits of the code that the screen showed `age_s` seconds ago; another nonce each time."""
        fields = token.parse_credential(unb64(self.credential))
        assert isinstance(fields, token.Fields)
        iat = int(datetime.now(UTC).timestamp() - age_s)
        shown = token.sign_proof(fields, self.world.origin, self.key, iat=iat, nonce=secrets.token_bytes(4))
        return token.digits_of(shown.raw)

    def text(self, *, age_s: float = 2) -> str:
        """What the code says."""
        return f"{self.world.origin}/scan/#{self.digits(age_s=age_s)}"

"""How long data is kept and on which legal basis, as the data protection officer chooses it; and the register of it all."""

from datetime import datetime
from typing import Any

from litestar import Response, Router, get, post

from estran.access.guards import officer_only
from estran.club import identity
from estran.desk.forms import Form
from estran.desk.screen import AnyRequest, Now, Who, go, screen, typed
from estran.privacy import service as privacy
from estran.privacy.rules import PERIODS, TREATMENTS, Basis

MEASURES = ("doors", "codes", "roles", "transport", "signature", "traces", "least", "forget")
"""What protects the data (RGPD art. 32), as the register says it: `desk.register.measure.<word>`."""


@get("/settings/privacy", include_in_schema=False)
async def privacy_page(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """Keeping times and legal bases as they are."""
    values = {f"keep.{key}": str(n) for key, n in (await privacy.kept()).items()}
    values |= {f"basis.{key}": basis.value for key, basis in (await privacy.bases()).items()}
    return await _privacy(request, actor, now, Form(values))


@post("/settings/privacy", include_in_schema=False, status_code=200)
async def choose(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """What counts from now on; what is older than a shorter time goes with the next hourly chore."""
    form = await typed(request)
    kept = {key: form.number(f"keep.{key}", least=period.least, most=period.most) for key, period in PERIODS.items()}
    chosen = {one.key: form.choice(f"basis.{one.key}", one.bases) for one in TREATMENTS if len(one.bases) > 1}
    if form.faults:
        return await _privacy(request, actor, now, form)
    await privacy.choose(
        actor,
        kept={key: n for key, n in kept.items() if n is not None},
        bases={key: Basis(basis) for key, basis in chosen.items()},
        now=now,
    )
    return go("/desk/settings/privacy", "saved")


async def _privacy(request: AnyRequest, actor: Who, now: datetime, form: Form) -> Response[Any]:
    return await screen(
        request,
        actor,
        "settings_privacy",
        now=now,
        within="settings",
        section="privacy",
        form=form,
        periods=PERIODS,
        treatments=TREATMENTS,
    )


@get("/register", include_in_schema=False)
async def register(request: AnyRequest, actor: Who, now: Now) -> Response[Any]:
    """The register of processing (RGPD art. 30), made of the table that also makes the notice and the forgetting."""
    return await screen(
        request,
        actor,
        "register",
        now=now,
        within="settings",
        identity=await identity.identity(),
        treatments=TREATMENTS,
        kept=await privacy.kept(),
        bases=await privacy.bases(),
        measures=MEASURES,
    )


routers = [Router("/desk", guards=[officer_only], route_handlers=[privacy_page, choose, register])]

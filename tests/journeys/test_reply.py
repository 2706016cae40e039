"""An invitation is answered from its link, in a browser without scripts; every face of its page is looked at."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from estran.actor import SYSTEM
from estran.club import service as club
from estran.events import links, planning
from estran.events import service as events
from estran.events.planning import Draft, SlotDraft
from estran.events.rules import Topic
from estran.passes.keys import Issuer

from .conftest import People
from .screens import CALM, Lookout
from .test_screens_desk import Walk
from .world import World

pytestmark = pytest.mark.journey
TITLE = "Pêche à pied aux grandes marées"


def invite(world: World) -> dict[str, str]:
    """An event with a small slot and a large one; the path of each invitation by its first name."""
    now = datetime.now(UTC)
    for name in ("Camille", "Odile", "Yann"):
        world.add_ambassador(name, "Varech", f"{name.lower()}@example.org")
    begins = now + timedelta(days=12)

    async def act() -> dict[str, str]:
        draft = Draft(
            title=TITLE,
            about="On finit par un café chaud.",
            place="Cale de la Digue, devant le phare",
            access="La cale descend en pente douce.",
            bring="Des bottes.",
            guests_max=2,
            reply_by=now + timedelta(days=7),
        )
        times = [
            SlotDraft(starts_at=begins, ends_at=begins + timedelta(hours=2), capacity=1, note="Basse mer à 10 h 12"),
            SlotDraft(starts_at=begins + timedelta(days=1), ends_at=begins + timedelta(days=1, hours=2), capacity=20),
        ]
        event = await planning.add_event(SYSTEM, draft, times, now=now)
        await planning.open_event(SYSTEM, event.id, now=now)
        issuer = Issuer(world.origin, world.folder / "keys")
        found = {}
        for row in await events.invitees(event.id):
            token = await links.reply_token(issuer, row.id, expires_at=now + timedelta(days=60), now=now)
            person = await club.ambassador(row.ambassador_id)
            found[person.first_name] = f"/reply/{token}"
            quiet = await links.quiet_token(issuer, person.id, Topic.INVITATIONS, expires_at=begins, now=now)
            found[f"{person.first_name}'s letters"] = f"/letters/{quiet}"
        return found

    return world.do(act)


def test_an_invitation_is_answered_from_its_link(world: World, people: People) -> None:
    paths = invite(world)
    page = people.page(CALM | {"java_script_enabled": False})
    page.goto(world.origin + paths["Odile"])
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    page.get_by_role("radio").first.check()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Bonjour Odile, vous venez !")
    expect(page).to_have_title(f"C’est noté · {TITLE} · Club des ambassadeurs")

    lookout = Lookout()
    walk = Walk(people.page(CALM), world, lookout)
    walk.see(paths["Camille"], "invitation")
    walk.press("Je viens", "invitation faulty")
    expect(walk.page.get_by_role("alert")).to_contain_text("Choisissez un créneau.")
    walk.page.get_by_role("radio").first.check()
    walk.press("Je viens", "invitation on the waiting list")
    expect(walk.page.get_by_role("status")).to_contain_text("Vous êtes en tête de la liste d’attente.")
    walk.see(f"{paths['Yann']}?lang=en", "invitation in English")
    walk.see("/reply/nothing?lang=fr", "invitation that is not there", 404)

    page.get_by_role("button", name="Je ne viens plus").click()
    expect(page.get_by_role("status")).to_contain_text("vous ne venez pas cette fois-ci")
    walk.see(paths["Camille"], "invitation accepted")
    expect(walk.page.get_by_role("main")).to_contain_text("Bonjour Camille, vous venez !")

    walk.see(paths["Camille's letters"], "choice of letters")
    walk.press("Ne plus recevoir d’invitations", "choice of letters made")
    expect(walk.page.get_by_role("checkbox", name="les invitations")).not_to_be_checked()
    expect(walk.page.get_by_role("checkbox", name="les rappels")).to_be_checked()
    walk.see("/letters/nothing", "choice of letters that is not there", 404)
    lookout.report(9)

"""What people do with the screens, in their own words; each act waits for what a person would see."""

import re

from playwright.sync_api import Locator, Page, expect

from .world import World

QR = re.compile("Code QR de votre pass")


def sign_in_to_pass(page: Page, world: World, email: str) -> None:
    """From the first screen to the open session, with the code of the letter."""
    before = len(world.letterbox.to(email))
    page.goto(f"{world.origin}/pass/")
    page.get_by_label("Votre adresse e-mail").fill(email)
    page.get_by_role("button", name="Recevoir mon code").click()
    letter = world.letter_to(email, after=before)
    code = re.search(r"\b(\d{3})\s?(\d{3})\b", _text(letter))
    assert code, _text(letter)
    page.get_by_label("Code à 6 chiffres").fill(code[1] + code[2])
    page.get_by_role("button", name="Continuer").click()


def _text(letter: object) -> str:
    body = letter.get_body(("plain",))  # type: ignore[attr-defined]
    return str(body.get_content())


def put_pass_here(page: Page) -> None:
    """The explicit act, and the pass on the screen."""
    page.get_by_role("button", name=re.compile("mettre (mon pass )?sur cet appareil", re.IGNORECASE)).click()
    expect(qr(page)).to_be_visible()


def qr(page: Page) -> Locator:
    """The living code with its quiet zone."""
    return page.get_by_role("img", name=QR)


def carry_pass(page: Page, world: World, email: str) -> None:
    """Letter, code, pass: what an ambassador does once."""
    sign_in_to_pass(page, world, email)
    put_pass_here(page)


def photograph_code(page: Page) -> bytes:
    """A picture of the code as the screen shows it."""
    return qr(page).screenshot(animations="disabled")

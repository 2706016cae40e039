"""What people do with the screens, in their own words; each act waits for what a person would see."""

import re
from typing import Any

from playwright.sync_api import Locator, Page, expect

from .scanner import Item
from .world import World

QR = re.compile("Code QR de votre pass")


def sign_in_to_pass(page: Page, world: World, email: str) -> None:
    """From the first screen to the open session, with the code of the letter."""
    page.goto(f"{world.origin}/pass/")
    enter_code(page, world, email)


def enter_code(page: Page, world: World, email: str) -> None:
    """Ask for a letter and type its code, where one is asked to sign in."""
    before = len(world.letterbox.to(email))
    page.get_by_label("Votre adresse e-mail").fill(email)
    page.get_by_role("button", name="Recevoir mon code").click()
    letter = world.letter_to(email, after=before)
    code = re.search(r"\b(\d{3})\s?(\d{3})\b", text_of(letter))
    assert code, text_of(letter)
    page.get_by_label("Code à 6 chiffres").fill(code[1] + code[2])
    page.get_by_role("button", name="Continuer").click()


def text_of(letter: object) -> str:
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


# --- the venue's desk -------------------------------------------------------------------------------------------------


def pair(page: Page, address: str, *, word: str = "varech", label: str = "Accueil") -> None:
    """A browser becomes a venue's scanner, and says that it may be taken where there is no network."""
    page.goto(address)
    page.get_by_label("Nom de cet appareil").fill(label)
    page.get_by_label("Mot du scanner").fill(word)
    page.get_by_role("button", name="Associer", exact=True).click()
    expect(page.get_by_text(f"Mot : {word}")).to_be_visible()


def wait_ready(page: Page) -> None:
    """Everything is kept on this device."""
    go(page, "État")
    expect(page.get_by_text("Ce scanner peut travailler sans réseau.")).to_be_visible()
    go(page, "Scanner")


def go(page: Page, screen: str) -> None:
    """One of the scanner's four screens."""
    page.get_by_role("navigation", name="Écrans").get_by_role("button", name=screen).click()


def hand_in(page: Page) -> None:
    """Exchange with the office now, and again when it fails, until nothing waits."""
    go(page, "État")
    page.get_by_role("button", name="Échanger maintenant").click()
    expect(page.get_by_text("Tout est envoyé.")).to_be_visible()


def hear_news(page: Page) -> None:
    """Exchange with the office now; the scanner knows what the office knew."""
    go(page, "État")
    page.get_by_role("button", name="Échanger maintenant").click()
    expect(page.get_by_text("Échange terminé.")).to_be_visible()


def answer(page: Page, kind: str, reason: str) -> None:
    """The screen gives this answer for this reason."""
    shown = page.locator("[data-answer]")
    expect(shown).to_have_attribute("data-reason", reason)
    expect(shown).to_have_attribute("data-answer", kind)


def give_entry(page: Page, companions: int | None = None) -> None:
    """Count the paying people, and let them in."""
    if companions is not None:
        page.get_by_role("button", name=str(companions), exact=True).click()
    page.get_by_role("button", name="Entrée donnée").click()
    expect(page.get_by_role("heading", name="Entrée enregistrée")).to_be_visible()


def next_scan(page: Page) -> None:
    """Back to the camera."""
    page.get_by_role("button", name="Pass suivant").click()
    expect(page.get_by_text("Placez le code du pass dans le cadre.")).to_be_visible()


def type_code(page: Page, text: str) -> None:
    """The field, as a hand scanner or a paste fills it."""
    page.get_by_label("Ou le texte du code").fill(text)


def queue_in(page: Page) -> list[Item]:
    """What waits in the browser's database, in the order of its numbers."""
    rows: list[dict[str, Any]] = page.evaluate(
        """() => new Promise((tell, fail) => {
          const opening = indexedDB.open('estran-scan')
          opening.onerror = () => fail(opening.error)
          opening.onsuccess = () => {
            const asked = opening.result.transaction('outbox').objectStore('outbox').index('turn').getAll()
            asked.onsuccess = () => { opening.result.close(); tell(asked.result) }
          }
        })"""
    )
    return [row["item"] for row in rows]

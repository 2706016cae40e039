"""One story in three engines: a pass is put on a phone, shown without network and moved; a scanner verifies without network."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .acts import text_of
from .conftest import People
from .engines import Chromium, Firefox, WebKit, Window
from .phone import PocketPhone
from .world import World

pytestmark = [pytest.mark.journey, pytest.mark.slow]
CAMILLE = "camille.varech@example.org"
CODE = """
const drawn = [...document.querySelectorAll('svg[role=img]')].find((svg) => /Code QR/.test(svg.getAttribute('aria-label')));
return drawn?.querySelector('path:last-of-type')?.getAttribute('d') ?? null;
"""
ANOTHER_CODE = CODE.replace("return ", "const d = ").replace(
    "?? null;", "?? null;\nreturn d !== null && d !== arguments[0] ? d : null;"
)
IS_OFFLINE_READY = """
navigator.serviceWorker.ready.then(() => { window.isOfflineReady = true; });
return window.isOfflineReady === true;
"""
KEY = """
if (!window.keyTold) {
  window.keyTold = 'asked';
  const opening = indexedDB.open('estran-pass');
  opening.onsuccess = () => {
    const asked = opening.result.transaction('kept').objectStore('kept').get('pass');
    asked.onsuccess = () => crypto.subtle.exportKey('jwk', asked.result.key.privateKey)
      .then(() => 'came out', (reason) => 'stays in: ' + reason.name)
      .then((told) => { window.keyTold = told; opening.result.close(); });
  };
}
return window.keyTold === 'asked' ? null : window.keyTold;
"""
CAMERA = """
const [d] = arguments;
const canvas = Object.assign(document.createElement('canvas'), { width: 1280, height: 720 });
const paper = canvas.getContext('2d');
const side = Math.max(...d.match(/\\d+/g).map(Number).filter((n) => n < 200)) + 9;
const draw = () => {
  paper.fillStyle = 'white';
  paper.fillRect(0, 0, 1280, 720);
  paper.save();
  paper.translate(340, 60);
  paper.scale(600 / side, 600 / side);
  paper.translate(4, 4);
  paper.fillStyle = 'black';
  paper.fill(new Path2D(d));
  paper.restore();
};
draw();
setInterval(draw, 50);
const film = canvas.captureStream?.(20);
if (!film || !navigator.mediaDevices) return 'none';
navigator.mediaDevices.getUserMedia = () => Promise.resolve(film);
return 'filmed';
"""


@pytest.fixture(params=["chromium", "firefox", "webkit"])
def window(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], Window]]:
    """Another person's browser, by name."""
    made: list[Window] = []

    def open_one(name: str) -> Window:
        if request.param == "chromium":
            people: People = request.getfixturevalue("people")
            made.append(Chromium(people.page()))
        elif request.param == "firefox":
            made.append(Firefox(tmp_path / name))
        else:
            made.append(WebKit())
        return made[-1]

    yield open_one
    for one in made:
        one.close()


def in_french(window: Window, world: World) -> Window:
    """Browsers differ in how they are told a language; the apps keep what somebody chose."""
    window.open(f"{world.origin}/")
    window.run("for (const app of ['pass', 'scan']) localStorage.setItem(`estran-${app}-lang`, 'fr')")
    return window


def sign_in(phone: Window, world: World) -> None:
    before = len(world.letterbox.to(CAMILLE))
    phone.open(f"{world.origin}/pass/")
    phone.fill("Votre adresse e-mail", CAMILLE)
    phone.click("Recevoir mon code")
    code = re.search(r"\b(\d{3})\s?(\d{3})\b", text_of(world.letter_to(CAMILLE, after=before)))
    assert code
    phone.fill("Code à 6 chiffres", code[1] + code[2])
    phone.click("Continuer")


def test_a_pass_in_this_engine(world: World, window: Callable[[str], Window]) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    world.add_venue("Musée de la Laisse de mer")
    phone = in_french(window("camille"), world)
    sign_in(phone, world)
    phone.click("mettre mon pass sur cet appareil")
    first = phone.wait(CODE)
    phone.see("Camille V.")
    assert phone.wait(KEY) == "stays in: InvalidAccessError"
    phone.wait(IS_OFFLINE_READY)

    world.stop()
    phone.open(f"{world.origin}/pass/")
    shown = phone.wait(ANOTHER_CODE, first)
    phone.see("Camille V.")
    phone.wait(ANOTHER_CODE, shown)  # a fresh one every 15 s

    world.start()
    other = in_french(window("camille's next phone"), world)
    sign_in(other, world)
    other.see("Votre pass est aujourd’hui sur un autre appareil")
    other.click("Oui, le mettre sur cet appareil")
    other.wait(CODE)
    phone.open(f"{world.origin}/pass/")
    phone.see("Votre pass est sur un autre appareil")


def test_a_scanner_in_this_engine(world: World, window: Callable[[str], Window]) -> None:
    world.add_ambassador("Camille", "Varech", CAMILLE)
    dominique = PocketPhone(world, world.add_ambassador("Dominique", "Varech", "dominique.varech@example.org"))
    address = world.pairing_address(world.add_venue("Musée de la Laisse de mer"))
    desk = in_french(window("museum"), world)
    desk.open(address)
    desk.fill("Nom de cet appareil", "Accueil")
    desk.fill("Mot du scanner", "varech")
    desk.click("Associer", exact=True)
    desk.see("Mot : varech")
    desk.click("État")
    desk.see("Ce scanner peut travailler sans réseau.")  # the decoder runs, too
    desk.wait(IS_OFFLINE_READY)

    world.stop()
    desk.open(f"{world.origin}/scan/")
    desk.fill("Ou le texte du code", dominique.text())
    desk.see("Entrée gratuite")
    desk.click("Entrée donnée")
    desk.see("Entrée enregistrée")
    desk.open(f"{world.origin}/scan/")
    desk.fill("Ou le texte du code", dominique.text(age_s=600))
    desk.see("Code trop ancien")

    world.start()
    desk.open(f"{world.origin}/scan/")
    desk.click("État")
    desk.click("Échanger maintenant")
    desk.see("Tout est envoyé.")
    assert [visit["state"] for visit in world.visits()] == ["counted", "refused"]

"""The two moments people wait for, in Chromium on a CPU slowed four times: the pass appears, the scanner answers.

Chromium's throttle slows a page's main thread only, not its workers: the decoder is therefore moved onto the page's thread
(`ON_THE_PAGE`), so that everything our code does is slowed. The camera, the compositor and WebCrypto stay at full speed.
"""

import io
import subprocess
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import qrcode
from playwright.sync_api import Page, Response, sync_playwright
from tests.journeys import acts, camera
from tests.journeys.conftest import DESKTOP, PHONE, Profile
from tests.journeys.phone import PocketPhone
from tests.journeys.world import World

from bench import sizes, web
from bench.report import Report

SLOWED = 4
EMPTY_FRAMES = 25
KINDS = ("plain", "warped", "blurred", "dim")

# Once a node matches, its picture is on the way: the first task after the next frame is when it is there.
PAINTED = """
(() => {
  const channel = new MessageChannel();
  window.benchPainted = null;
  window.benchWatch = (selector) => {
    window.benchPainted = null;
    const look = () => {
      if (!document.querySelector(selector)) return false;
      requestAnimationFrame(() => {
        channel.port1.onmessage = () => console.log('painted', (window.benchPainted = performance.now()));
        channel.port2.postMessage(0);
      });
      return true;
    };
    const eye = new MutationObserver(() => look() && eye.disconnect());
    if (!look()) eye.observe(document, { childList: true, subtree: true, attributes: true });
  };
})();
"""
WATCH_CODE = "window.benchWatch('svg[role=img] path[d^=M]');"

# When each picture was taken from the camera, and the decoder on this thread instead of its own.
GRABS = """
(() => {
  window.benchGrabs = [];
  const grab = CanvasRenderingContext2D.prototype.getImageData;
  CanvasRenderingContext2D.prototype.getImageData = function (...args) {
    window.benchGrabs.push(performance.now());
    return grab.apply(this, args);
  };
})();
"""
ON_THE_PAGE = """
window.Worker = class {
  onmessage = null;
  onerror = null;
  #read;
  constructor(url) {
    window.postMessage = (reply) => setTimeout(() => {
      if (reply.text) window.benchTextAt = performance.now();
      this.onmessage?.({ data: reply });
    });
    this.#read = import(url).then(() => {
      const read = window.onmessage;
      window.onmessage = null;
      return read;
    });
  }
  postMessage(data) {
    void this.#read.then((read) => setTimeout(() => read({ data })));
  }
  terminate() {}
};
"""
BENEFITS = 50
HISTORY = 10_000
VERIFY = """
import { b64 } from '@/kit/src/rules/bytes';
import { UNDECIDED } from '@/kit/src/rules/check';
import { localOf } from '@/kit/src/rules/opening';
import { PLAIN } from '@/kit/src/rules/terms';
import { parse } from '@/kit/src/rules/token';
import { judge, scan } from '@/partners/src/state/scan';
import { Book } from '@/partners/src/state/uses';

const venue = { id: 'v', name: 'Musée', paused: false, closures: [{ first: '2020-01-01', last: '2020-12-31' }] };
const words = { fr: '', en: '' };
const pers = ['day', 'month', 'season', 'year', 'validity'];

// Shut for a whole year: nothing takes longer than to find out that it never opens.
const benefitsFor = (subs, n) => Array.from({ length: n }, (_, at) => ({
  id: `b${at}`, version: 1, entitled: at % 2 ? null : subs, desk: words, give: words,
  terms: {
    ...PLAIN, minPayingCompanions: 1, leastProof: 'identity', booking: 'required',
    quota: { n: 366, per: pers[at % 5], scope: at % 2 ? 'venue' : 'benefit', groupId: null },
    seasons: [{ first: '10-01', last: '03-31' }, { first: '04-01', last: '09-30' }], weekdays: [1, 2, 3, 4, 5, 6, 7],
    hours: [{ first: '10:00', last: '12:00' }, { first: '14:00', last: '24:00' }],
    excluded: [{ first: '01-01', last: '12-31' }],
  },
}));

Object.assign(globalThis, { benchVerify: async (texts, iss, keys, nBenefits, nEntries) => {
  const wallMs = Date.now();
  const zone = 'Europe/Paris';
  const day = (ms) => localOf(Math.floor(ms / 1000), zone).day;
  const subs = [...new Set(texts.map((text) => b64(parse(text, iss).sub)))];
  const book = new Book(Array.from({ length: nEntries }, (_, at) => {
    const atMs = wallMs - at * 3600000 - 86400000;
    return {
      id: `e${at}`, deviceId: 'd', venueId: 'v', seq: nEntries - at, sub: subs[at % subs.length], name: null,
      proofKey: null, outcome: 'admitted', benefitId: `b${at % nBenefits}`, undone: null, sent: 'stored', day: day(atMs), atMs,
    };
  }));
  const snapshot = {
    iss, club: 'Club', zone, snapshotLimitS: 604800, keys, statusList: '', venue,
    benefits: benefitsFor(subs, nBenefits), uses: {},
    today: { day: day(wallMs), visits: {} }, lastSeq: Math.floor(nEntries / 2),
  };
  const news = { snapshot, list: { version: 1, bits: new Uint8Array(64) }, newsAtMs: wallMs - 60000 };
  const device = { deviceId: 'd', venue, label: 'Caisse' };
  const took = [];
  for (const text of texts) {
    const clock = { wallMs: Date.now(), monoMs: performance.now(), skewMs: 0, appliedMs: 0, confirmed: true };
    const began = performance.now();
    const scanned = await scan(text, 'id', { device, news, book, clock, origin: iss, advance: () => true });
    const verdict = judge(scanned, UNDECIDED);
    took.push(performance.now() - began);
    if (verdict.reason !== 'not_now') throw new Error(JSON.stringify(verdict));
  }
  return took;
} });
"""


def measure(report: Report, folder: Path, n_samples: int) -> None:
    """Both apps against one real server."""
    chromium = subprocess.run(  # noqa: S603 - our own programs
        [web.ROOT / "tools" / "find-chromium"], check=True, capture_output=True, text=True
    ).stdout.strip()
    world = World(folder)
    world.start()
    try:
        with sync_playwright() as playwright:
            _measure_first_load(report, world, Profile(playwright, chromium, folder / "visitor", PHONE))
            _measure_scanner(report, world, Profile(playwright, chromium, folder / "desk", DESKTOP), n_samples)
            _measure_pass(report, world, Profile(playwright, chromium, folder / "phone", PHONE), n_samples)
    finally:
        world.close()


# --- the first visit --------------------------------------------------------------------------------------------------


def _measure_first_load(report: Report, world: World, visitor: Profile) -> None:
    """What a browser that was never here fetches before the first screen is there."""
    context = visitor.open(service_workers="block")
    for name, first in (("pass", "Votre adresse e-mail"), ("scan", "Nom de cet appareil")):
        page = context.new_page()
        fetched: set[Path] = set()
        page.on("response", partial(_note, fetched))
        page.goto(f"{world.origin}/{name}/")
        page.get_by_label(first).wait_for()
        files = [path for path in fetched if path.suffix in sizes.SENT_PACKED and not sizes.is_decoder(path)]
        report.tell_one(f"{name}_app_gzip_kb", sizes.packed_kb(files), ", ".join(sorted(path.name for path in files)))
    visitor.close()


def _note(fetched: set[Path], answer: Response) -> None:
    fetched.add(_file_of(answer.url))


def _file_of(url: str) -> Path:
    path = urlsplit(url).path.lstrip("/")
    return sizes.STATIC / (path + "index.html" if path.endswith("/") else path)


def slow_down(page: Page) -> None:
    """The page's main thread runs at a quarter of its speed."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWED})


# --- the pass ---------------------------------------------------------------------------------------------------------


def _measure_pass(report: Report, world: World, phone: Profile, n_samples: int) -> None:
    email = "camille.varech@example.org"
    world.add_ambassador("Camille", "Varech", email)
    world.add_venue("Musée de la Laisse de mer", companions=1)
    page = phone.open().new_page()
    acts.carry_pass(page, world, email)
    page.evaluate("() => navigator.serviceWorker.ready")
    page.reload()
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")
    phone.close()
    world.stop()
    samples = [_cold_start(phone, world) for _ in range(n_samples)]
    report.p95("pass_cold_offline_ms_p95", samples, "new browser each time, server stopped")


def _cold_start(phone: Profile, world: World) -> float:
    page = phone.open().new_page()
    page.add_init_script(PAINTED + WATCH_CODE)
    slow_down(page)
    with page.expect_console_message(lambda said: said.text.startswith("painted")):
        page.goto(f"{world.origin}/pass/", wait_until="commit")
    painted = _painted(page)
    phone.close()
    return painted


def _painted(page: Page) -> float:
    return float(page.wait_for_function("() => window.benchPainted", timeout=30_000).json_value())


# --- the scanner ------------------------------------------------------------------------------------------------------


def _measure_scanner(report: Report, world: World, desk: Profile, n_samples: int) -> None:
    venue = world.add_venue("Aquarium des Dunes")
    holders = [
        PocketPhone(world, world.add_ambassador("Camille", "Varech", f"camille{number}@example.org"))
        for number in range(n_samples)
    ]
    page = desk.open().new_page()
    acts.pair(page, world.pairing_address(venue))
    acts.wait_ready(page)
    _measure_verify(report, world, page, holders)
    page.add_init_script(PAINTED + GRABS + ON_THE_PAGE)
    slow_down(page)
    worst, own, after = [], [], []
    for number, holder in enumerate(holders):
        _film(desk.film, holder.text(), KINDS[number % len(KINDS)], number)
        if number == 0:
            page.goto(f"{world.origin}/scan/")
        page.evaluate("() => { window.benchGrabs = []; window.benchWatch('[data-answer]'); }")
        if number:
            acts.next_scan(page)
        painted = _painted(page)
        acts.answer(page, "admit", "welcome")
        grabs = [float(at) for at in page.evaluate("() => window.benchGrabs")]
        text_at = float(page.evaluate("() => window.benchTextAt"))
        acts.give_entry(page)
        if number == 0:  # everything is compiled now, as at a desk that is open
            continue
        worst.append(painted - grabs[-2])
        own.append(painted - grabs[-1])
        after.append(painted - text_at)
    desk.close()
    report.p95("scan_to_verdict_ms_p95", worst, "from the last picture without code; decoder on the slowed thread")
    report.p95("scan_picture_to_verdict_ms_p95", own, "from the picture that was read")
    report.p95("scan_text_to_verdict_ms_p95", after, "verify, check, store, paint")


def _measure_verify(report: Report, world: World, page: Page, holders: list[PocketPhone]) -> None:
    code = web.bundle(VERIFY, world.folder, "iife").read_text(encoding="utf-8")
    keys = page.request.get(f"{world.origin}/.well-known/jwks.json").json()["keys"]
    texts = [holder.text() for holder in holders for _ in range(10)]
    page.evaluate(code)
    slow_down(page)
    for _ in range(2):  # everything is compiled the second time
        took = page.evaluate("(given) => benchVerify(...given)", [texts, world.origin, keys, BENEFITS, HISTORY])
    what = f"parse, both signatures, rules: {BENEFITS} benefits, {HISTORY} visits in the book; WebCrypto itself is not slowed"
    report.p95("verify_check_ms_p95", took, what)


def _film(path: Path, text: str, kind: str, seed: int) -> None:
    """First an empty counter, then a phone that stays in view, always seen the same way."""
    picture = io.BytesIO()
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_L, border=4, box_size=8)
    code.add_data(text, optimize=20)
    code.make_image().save(picture)
    camera.film_of(path, picture.getvalue(), kind, seed=seed, n_empty=EMPTY_FRAMES)

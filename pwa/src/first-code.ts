/**
 * The first code, before the app: read the device, sign, draw. Mounting the app, with its words and the fonts they
 * need, takes a slow phone longer than all of this; so it comes once the code is painted.
 */
import { drawPass, QUIET_ZONE, type QrDrawing } from './pass/qr';
import { lastSecond, present } from './pass/present';
import type { Kept, KeptPass, Vault } from './pass/vault';
import { showing } from './pass/view';
import { routeOf } from './route';
import { afterPaint } from './state/after-paint';
import { lastPlace } from './state/place';
import type { PhoneClock } from './state/phone-clock';

/** What the app goes on from. */
export interface Device {
  readonly vault: Vault;
  readonly clock: PhoneClock;
  /** The one reading of the device. */
  readonly reading: Promise<Kept>;
  readonly first: FirstCode | null;
}

/** A code that is on the screen already. */
export interface FirstCode {
  readonly pass: KeptPass;
  readonly digits: string;
  readonly drawing: QrDrawing;
  readonly madeAtMs: number;
  /** To be taken away as soon as the app shows the same code at the same place. */
  readonly element: HTMLElement;
}

/** Resolves once the code is painted; null when this device has none to show, or does not say so by `patience`. */
export async function showFirstCode(
  { reading, clock }: Pick<Device, 'reading' | 'clock'>,
  patience: Promise<null>,
  place: HTMLElement,
): Promise<FirstCode | null> {
  const kept = await Promise.race([reading, patience]);
  const pass = kept?.pass;
  if (!pass || routeOf(location.hash) !== 'pass') return null;
  clock.resume(pass.clock);
  const madeAtMs = Date.now();
  const nowMs = clock.nowMs();
  if (showing(pass.news, lastSecond(pass.credential), Math.floor(nowMs / 1000)) !== 'live') return null;
  const digits = await present(pass, nowMs);
  const drawing = drawPass(pass.iss, digits);
  const element = elementOf(drawing);
  place.append(element);
  if (document.visibilityState === 'visible') await new Promise<void>((resolve) => void afterPaint(resolve));
  return { pass, digits, drawing, madeAtMs, element };
}

/** No words: the first one loads the fonts, which takes longer than the code. */
function elementOf({ path, size }: QrDrawing): HTMLElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const side = size + 2 * QUIET_ZONE;
  svg.setAttribute('viewBox', [-QUIET_ZONE, -QUIET_ZONE, side, side].join(' '));
  svg.setAttribute('shape-rendering', 'crispEdges');
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-label', 'QR');
  const modules = document.createElementNS(svg.namespaceURI, 'path');
  modules.setAttribute('d', path);
  svg.append(modules);
  const element = document.createElement('div');
  element.className = 'first-code';
  const place = lastPlace();
  if (place) {
    element.style.setProperty('--card', `${place.card}px`);
    element.style.setProperty('--band', `${place.band}px`);
  }
  element.append(svg);
  return element;
}

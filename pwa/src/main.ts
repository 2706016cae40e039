import '@estran/kit/ui/tokens.css';
import '@estran/kit/ui/base.css';
import './first-code.css';

import { wear } from '@estran/kit/ui/colours';

import { showFirstCode } from './first-code';
import { names } from './names';
import { Vault } from './pass/vault';
import { PhoneClock } from './state/phone-clock';

/** Some browsers have been seen never to answer about their storage: the screens do not wait for them for ever. */
const PATIENCE_MS = 1500;

// The device's own memory first, and the first code from it. Where the app is kept on the device, even fetching the rest
// waits for that: a slow phone would read and compile it at the same time. A first visit fetches it meanwhile.
const isKept = 'serviceWorker' in navigator && navigator.serviceWorker.controller !== null;
const early = isKept ? null : import('./start');
early?.catch(() => undefined); // told where it is waited for
const place = document.getElementById('app') ?? document.body;
const vault = new Vault(names.database);
const clock = new PhoneClock();
const reading = vault.read();
void reading.then(({ club }) => wear(club?.colours ?? null)).catch(() => undefined);
const patience = new Promise<null>((resolve) => setTimeout(resolve, PATIENCE_MS, null));

void showFirstCode({ reading, clock }, patience, place)
  .catch(() => null)
  .then(async (first) => {
    const { start } = await (early ?? import('./start'));
    await start(place, { vault, clock, reading, first }, patience);
  });

/** Putting the app on the home screen: offered where the browser lets us, explained where it does not. */

/** Chrome's own event; no library declares it. */
interface InstallOffer extends Event {
  prompt(): Promise<unknown>;
}

export type InstallWay = 'installed' | 'offer' | 'ios' | 'menu';

export class Install {
  #offer = $state.raw<InstallOffer | null>(null);
  #installed = $state(standsAlone());

  constructor() {
    window.addEventListener('beforeinstallprompt', (event) => {
      event.preventDefault(); // asked at our own moment, from « Mon compte »
      this.#offer = event as InstallOffer;
    });
    window.addEventListener('appinstalled', () => {
      this.#offer = null;
      this.#installed = true;
    });
  }

  get way(): InstallWay {
    if (this.#installed) return 'installed';
    if (this.#offer) return 'offer';
    return isIos() ? 'ios' : 'menu';
  }

  async accept(): Promise<void> {
    const offer = this.#offer;
    this.#offer = null; // an offer serves once
    await offer?.prompt().catch(() => undefined);
  }
}

function standsAlone(): boolean {
  return (
    matchMedia('(display-mode: standalone)').matches ||
    (navigator as Navigator & { readonly standalone?: boolean }).standalone === true
  );
}

/** iPad says it is a Mac, but no Mac has a touch screen. */
function isIos(): boolean {
  return (
    /iPhone|iPad|iPod/.test(navigator.userAgent) ||
    (/Macintosh/.test(navigator.userAgent) && navigator.maxTouchPoints > 1)
  );
}

/**
 * Registers the app's service worker and tells when a newer version waits. Nothing ever reloads by itself: somebody may
 * be holding the screen out to a scanner. The page reloads only after `apply()`, that is, when its user asked.
 */
import { TAKE_OVER } from './worker';

const LOOK_EVERY_MS = 60 * 60 * 1000;

export class Updates {
  #waiting = $state.raw<ServiceWorker | null>(null);
  #registration: ServiceWorkerRegistration | null = null;
  #lookedAtMs = 0;

  /** A newer version is here and waits for a yes. */
  get ready(): boolean {
    return this.#waiting !== null;
  }

  /** Starts the worker at `url`. Returns without effect where there is no service worker (private windows, http). */
  async register(url: string, scope: string): Promise<void> {
    const container = globalThis.navigator?.serviceWorker as ServiceWorkerContainer | undefined;
    if (!container) return;
    try {
      const registration = await container.register(url, { scope });
      this.#registration = registration;
      this.#lookedAtMs = Date.now();
      this.#notice(registration);
      this.#follow(registration); // the browser looks by itself, and may have begun before this page could listen
      registration.addEventListener('updatefound', () => this.#follow(registration));
      document.addEventListener('visibilitychange', () => this.#lookAgain());
    } catch {
      // without a worker the app still runs, with network only
    }
  }

  /** Lets the waiting version take over, then reloads this page once. */
  apply(): void {
    const waiting = this.#waiting;
    if (!waiting) return;
    if (waiting.state !== 'installed') return location.reload(); // another window has said yes already
    navigator.serviceWorker.addEventListener('controllerchange', () => location.reload(), { once: true });
    waiting.postMessage(TAKE_OVER);
  }

  /** Puts the question away until the app is opened again. */
  later(): void {
    this.#waiting = null;
  }

  /** An installed worker beside an active one is an update; a first install is not. */
  #notice(registration: ServiceWorkerRegistration): void {
    if (registration.waiting && navigator.serviceWorker.controller) this.#waiting = registration.waiting;
  }

  #follow(registration: ServiceWorkerRegistration): void {
    registration.installing?.addEventListener('statechange', () => this.#notice(registration));
  }

  #lookAgain(): void {
    if (document.visibilityState !== 'visible' || Date.now() - this.#lookedAtMs < LOOK_EVERY_MS) return;
    this.#lookedAtMs = Date.now();
    this.#registration?.update().catch(() => undefined);
  }
}

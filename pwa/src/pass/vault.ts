/**
 * What this device keeps: the pass, its key, the office's last news, and the club's card. One small store, read whole
 * in one go, so that a cold start without network waits for nothing else.
 *
 * Two windows may run at once. Every rule that must hold between them (one key, no news written over a newer pass) is
 * kept by one read-write transaction here, not by the windows' good manners.
 */
import type { ClockMemory } from '@estran/kit/rules/clock';
import { Db, type Migration } from '@estran/kit/store/db';
import type { KeptEvents } from '../events/types';
import type { ToldVisit } from '../told/types';
import type { DeviceKey } from './device-key';
import type { Club, PassNews } from './types';

export interface KeptPass {
  readonly key: DeviceKey;
  /** The origin the credential was issued for. */
  readonly iss: string;
  /** The last credential that was valid: kept when a pass is paused, so that asking again can bring it back. */
  readonly credential: string;
  readonly news: PassNews;
  /** When the office last answered: corrected time. */
  readonly heardAtMs: number;
  /** What this phone knows of its own clock. */
  readonly clock: ClockMemory;
}

export interface Kept {
  readonly pass: KeptPass | null;
  readonly club: Club | null;
}

export interface KeptLogo {
  readonly src: string;
  /** The picture itself, as a `data:` address: pages may show those and nothing from elsewhere. */
  readonly data: string;
}

const STORE = 'kept';
/** Visits that were told here and still matter; apart, so that the first code reads nothing of them. */
const TOLD = 'told';
const MIGRATIONS: readonly Migration[] = [
  (db) => void db.createObjectStore(STORE),
  (db) => void db.createObjectStore(TOLD, { keyPath: 'id' }),
];

export class Vault {
  readonly #db: Db;

  constructor(name: string) {
    this.#db = new Db(name, MIGRATIONS);
  }

  read(): Promise<Kept> {
    return this.#db.read([STORE], async (tx) => {
      const [pass, club] = await Promise.all([tx.get<KeptPass>(STORE, 'pass'), tx.get<Club>(STORE, 'club')]);
      return { pass: pass ?? null, club: club ?? null };
    });
  }

  /**
   * The key for a new pass: the one that waits here already, else `made`. However many windows ask, one key comes out.
   * Null when a pass has come since the caller looked (`before`: the public x of the pass it knew).
   */
  claimKey(made: DeviceKey, before: string | undefined): Promise<DeviceKey | null> {
    return this.#db.write([STORE], async (tx) => {
      if ((await tx.get<KeptPass>(STORE, 'pass'))?.key.x !== before) return null;
      const waiting = await tx.get<DeviceKey>(STORE, 'waitingKey');
      if (!waiting) tx.put(STORE, made, 'waitingKey');
      return waiting ?? made;
    });
  }

  /** The pass is here: kept with its key, which no longer waits. */
  settle(pass: KeptPass): Promise<void> {
    return this.#db.write([STORE], (tx) => {
      tx.put(STORE, pass, 'pass');
      tx.remove(STORE, 'waitingKey');
    });
  }

  /** Replaces the news of a pass, unless another pass has taken its place meanwhile. True when written. */
  refresh(pass: KeptPass): Promise<boolean> {
    return this.#db.write([STORE], async (tx) => {
      const now = await tx.get<KeptPass>(STORE, 'pass');
      if (now?.key.x !== pass.key.x || now.news.newsAtMs > pass.news.newsAtMs) return false;
      tx.put(STORE, pass, 'pass');
      return true;
    });
  }

  keepClub(club: Club): Promise<void> {
    return this.#db.write([STORE], (tx) => tx.put(STORE, club, 'club'));
  }

  /** The club's logo, apart from what the first code waits for. */
  async logo(): Promise<KeptLogo | null> {
    return (await this.#db.read([STORE], (tx) => tx.get<KeptLogo>(STORE, 'logo'))) ?? null;
  }

  keepLogo(logo: KeptLogo): Promise<void> {
    return this.#db.write([STORE], (tx) => tx.put(STORE, logo, 'logo'));
  }

  /** What is known of events and was said about them, apart from what the first code waits for. */
  async events(): Promise<KeptEvents | null> {
    return (await this.#db.read([STORE], (tx) => tx.get<KeptEvents>(STORE, 'events'))) ?? null;
  }

  /** Makes it anew from what it is, whatever other windows do. */
  changeEvents(change: (kept: KeptEvents | undefined) => KeptEvents): Promise<KeptEvents> {
    return this.#db.write([STORE], async (tx) => {
      const kept = change(await tx.get<KeptEvents>(STORE, 'events'));
      tx.put(STORE, kept, 'events');
      return kept;
    });
  }

  told(): Promise<ToldVisit[]> {
    return this.#db.read([TOLD], (tx) => tx.all<ToldVisit>(TOLD));
  }

  keepTold(visit: ToldVisit): Promise<void> {
    return this.#db.write([TOLD], (tx) => tx.put(TOLD, visit));
  }

  dropTold(id: string): Promise<void> {
    return this.#db.write([TOLD], (tx) => tx.remove(TOLD, id));
  }

  /** Forgets the pass and its key, what was told and said with it, and what it invited to. The club's card stays: no secret. */
  forgetPass(): Promise<void> {
    return this.#db.write([STORE, TOLD], (tx) => {
      tx.clear(TOLD);
      tx.remove(STORE, 'pass');
      tx.remove(STORE, 'waitingKey');
      tx.remove(STORE, 'events');
    });
  }
}

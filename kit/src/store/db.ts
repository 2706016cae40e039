/**
 * A small promise face on IndexedDB. Each app opens one database under its own name (`kit/offline/names`); every change
 * of shape is one more function at the end of a list, never an edit of an earlier one. A migration only adds: the version
 * before may be open in another window, or be put back by the office, and works on with what it knows.
 */

/** Brings the database from one version to the next. It runs inside the upgrade transaction: no waiting for others. */
export type Migration = (db: IDBDatabase, upgrade: IDBTransaction) => void;

/** One open transaction. Await only its own promises inside: anything else ends it. */
export class Tx {
  readonly #transaction: IDBTransaction;

  constructor(transaction: IDBTransaction) {
    this.#transaction = transaction;
  }

  async get<T>(store: string, key: IDBValidKey): Promise<T | undefined> {
    return (await answer(this.#transaction.objectStore(store).get(key))) as T | undefined;
  }

  /** All values in key order; with `index`, in that index's order; at most `count`. */
  async all<T>(store: string, options: { index?: string; range?: IDBKeyRange; count?: number } = {}): Promise<T[]> {
    const source = this.#transaction.objectStore(store);
    const from = options.index === undefined ? source : source.index(options.index);
    return (await answer(from.getAll(options.range ?? null, options.count))) as T[];
  }

  async count(store: string, options: { index?: string; range?: IDBKeyRange } = {}): Promise<number> {
    const source = this.#transaction.objectStore(store);
    const from = options.index === undefined ? source : source.index(options.index);
    return answer(from.count(options.range));
  }

  put(store: string, value: unknown, key?: IDBValidKey): void {
    this.#transaction.objectStore(store).put(value, key);
  }

  /** Like `put`, but an existing key fails the whole transaction. */
  add(store: string, value: unknown, key?: IDBValidKey): void {
    this.#transaction.objectStore(store).add(value, key);
  }

  remove(store: string, key: IDBValidKey | IDBKeyRange): void {
    this.#transaction.objectStore(store).delete(key);
  }

  clear(store: string): void {
    this.#transaction.objectStore(store).clear();
  }
}

export class Db {
  readonly #name: string;
  readonly #migrations: readonly Migration[];
  #opening: Promise<IDBDatabase> | null = null;

  constructor(name: string, migrations: readonly Migration[]) {
    this.#name = name;
    this.#migrations = migrations;
  }

  read<T>(stores: readonly string[], work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.#run(stores, 'readonly', work);
  }

  /** Resolves only after the commit, flushed to the disk where the browser can promise that. */
  write<T>(stores: readonly string[], work: (tx: Tx) => Promise<T> | T): Promise<T> {
    return this.#run(stores, 'readwrite', work);
  }

  async close(): Promise<void> {
    const opening = this.#opening;
    this.#opening = null;
    (await opening)?.close();
  }

  async #run<T>(stores: readonly string[], mode: IDBTransactionMode, work: (tx: Tx) => Promise<T> | T): Promise<T> {
    const transaction = await this.#begin(stores, mode);
    const done = mode === 'readwrite' ? finished(transaction) : Promise.resolve(); // what was read needs no commit
    try {
      const value = await work(new Tx(transaction));
      await done;
      return value;
    } catch (reason) {
      abort(transaction);
      await done.catch(() => undefined);
      throw reason;
    }
  }

  /** iOS drops the connection of an app it had put to sleep: the first use then fails, and a new connection works. */
  async #begin(stores: readonly string[], mode: IDBTransactionMode): Promise<IDBTransaction> {
    const options = mode === 'readwrite' ? { durability: 'strict' as const } : {};
    try {
      return (await this.#open()).transaction([...stores], mode, options);
    } catch (reason) {
      if (!(reason instanceof DOMException) || reason.name !== 'InvalidStateError') throw reason;
      this.#opening = null;
      return (await this.#open()).transaction([...stores], mode, options);
    }
  }

  #open(): Promise<IDBDatabase> {
    const forget = (): void => {
      this.#opening = null;
    };
    if (this.#opening === null) {
      this.#opening = open(this.#name, this.#migrations, forget);
      this.#opening.catch(forget);
    }
    return this.#opening;
  }
}

/** The failure of a version of the app that is too old for what a newer one has left here. */
export function isFromNewer(reason: unknown): boolean {
  return reason instanceof DOMException && reason.name === 'NotFoundError';
}

/** Deletes the whole database. Waits for other windows to let go of it. */
export async function deleteDatabase(name: string): Promise<void> {
  await answer(indexedDB.deleteDatabase(name));
}

async function open(name: string, migrations: readonly Migration[], onClosed: () => void): Promise<IDBDatabase> {
  try {
    return await openAt(name, migrations.length, migrations, onClosed);
  } catch (reason) {
    if (!(reason instanceof DOMException) || reason.name !== 'VersionError') throw reason;
    return openAt(name, undefined, migrations, onClosed); // a newer version of the app was here: as it left it
  }
}

function openAt(
  name: string,
  version: number | undefined,
  migrations: readonly Migration[],
  onClosed: () => void,
): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name, version);
    request.onupgradeneeded = (event) => {
      const upgrade = request.transaction;
      if (upgrade) migrations.slice(event.oldVersion).forEach((migrate) => migrate(request.result, upgrade));
    };
    request.onerror = () => reject(request.error ?? new Error('the database did not open'));
    request.onsuccess = () => {
      const db = request.result;
      // another window upgrades or deletes: let it pass, and open anew when asked again
      db.onversionchange = () => {
        db.close();
        onClosed();
      };
      db.onclose = onClosed;
      resolve(db);
    };
  });
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('the database refused'));
  });
}

function finished(transaction: IDBTransaction): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(transaction.error ?? new Error('the transaction was abandoned'));
    transaction.oncomplete = () => resolve();
    transaction.onabort = fail;
    transaction.onerror = fail;
  });
}

function abort(transaction: IDBTransaction): void {
  try {
    transaction.abort();
  } catch {
    // it had ended already
  }
}

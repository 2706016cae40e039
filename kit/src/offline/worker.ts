/**
 * What both service workers do: keep the app's files, answer from them first, never touch anything else.
 *
 * The worker answers only for files in its list and for navigations inside its scope; every other request (the API
 * first of all) goes to the network as if no worker were there. A new version is fetched beside the old one and waits
 * until every window of the app is closed, or until the user asks for it (`updates.svelte.ts`).
 */
import { ownCaches } from './names';

/** One file of the build: `revision` is null when the address itself changes with the content. */
export interface BuiltFile {
  readonly url: string;
  readonly revision: string | null;
  /** SHA-256 of what it holds, base64 (offline/sums). */
  readonly sha256?: string;
}

interface WaitingEvent extends Event {
  waitUntil(work: Promise<unknown>): void;
}

interface FetchingEvent extends WaitingEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
}

/**
 * What is used of a `ServiceWorkerGlobalScope`. Its own type lives in a library that contradicts the page's, so both
 * cannot be checked in one project; this is also all that a test has to provide.
 */
export interface WorkerScope {
  readonly caches: CacheStorage;
  readonly location: { readonly origin: string };
  readonly registration: { readonly scope: string };
  readonly fetch: typeof fetch;
  readonly crypto: Crypto;
  skipWaiting(): Promise<void>;
  addEventListener(type: 'install' | 'activate', listener: (event: WaitingEvent) => void): void;
  addEventListener(type: 'message', listener: (event: MessageEvent) => void): void;
  addEventListener(type: 'fetch', listener: (event: FetchingEvent) => void): void;
}

/** The message a page sends to the waiting worker. */
export const TAKE_OVER = 'estran-take-over';

/** Installs the handlers on a worker's global scope. `prefix` comes from `appNames`; `files` is the build's list. */
export function serveOffline(worker: WorkerScope, prefix: string, files: readonly BuiltFile[]): void {
  const base = new URL(worker.registration.scope).pathname;
  const addresses = new Set(files.map((file) => new URL(file.url, worker.registration.scope).href));
  const shell = new URL('index.html', worker.registration.scope).href;
  const cacheName = `${prefix}-files-${fingerprint(files)}`;

  worker.addEventListener('install', (event) => {
    event.waitUntil(keepFiles(worker, cacheName, prefix, files));
  });

  worker.addEventListener('activate', (event) => {
    event.waitUntil(dropOldCaches(worker, cacheName, prefix));
  });

  worker.addEventListener('message', (event) => {
    if (event.data === TAKE_OVER) void worker.skipWaiting();
  });

  worker.addEventListener('fetch', (event) => {
    const { request } = event;
    if (request.method !== 'GET') return;
    const url = new URL(request.url);
    if (url.origin !== worker.location.origin || !url.pathname.startsWith(base)) return;
    const kept = request.mode === 'navigate' ? shell : url.origin + url.pathname;
    if (request.mode === 'navigate' || addresses.has(kept)) {
      event.respondWith(cacheOrNetwork(worker, cacheName, kept, request));
    }
  });
}

/** A short name for one list of files; another list gives another name. Not a signature: only a label. */
export function fingerprint(files: readonly BuiltFile[]): string {
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (const char of files
    .map((file) => `${file.url} ${file.revision ?? ''}`)
    .sort()
    .join('\n')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  }
  return hash.toString(36);
}

async function cacheOrNetwork(
  worker: WorkerScope,
  cacheName: string,
  kept: string,
  request: Request,
): Promise<Response> {
  const cache = await worker.caches.open(cacheName);
  return (await cache.match(kept)) ?? worker.fetch(request);
}

/**
 * All or nothing: the version is usable offline only once every file is here, and whole. A file of which half was
 * uploaded must not stay: under its name nobody would ever fetch it again.
 */
async function keepFiles(
  worker: WorkerScope,
  cacheName: string,
  prefix: string,
  files: readonly BuiltFile[],
): Promise<void> {
  const cache = await worker.caches.open(cacheName);
  const older = await Promise.all(
    ownCaches(await worker.caches.keys(), prefix).map((name) => worker.caches.open(name)),
  );
  await Promise.all(
    files.map(async (file) => {
      const address = new URL(file.url, worker.registration.scope).href;
      const known = file.revision === null ? await firstWhole(worker, older, address, file) : undefined;
      const response = known ?? (await worker.fetch(address, { cache: 'no-cache', credentials: 'same-origin' }));
      if (!response.ok || response.redirected) throw new Error(`cannot keep ${file.url}: status ${response.status}`);
      if (!known && !(await isWhole(worker, response, file))) throw new Error(`cannot keep ${file.url}: not whole`);
      await cache.put(address, response);
    }),
  );
}

async function firstWhole(
  worker: WorkerScope,
  caches: readonly Cache[],
  address: string,
  file: BuiltFile,
): Promise<Response | undefined> {
  for (const cache of caches) {
    const found = await cache.match(address);
    if (found && (await isWhole(worker, found, file))) return found;
  }
  return undefined;
}

async function isWhole(worker: WorkerScope, response: Response, { sha256 }: BuiltFile): Promise<boolean> {
  if (sha256 === undefined) return true;
  const digest = await worker.crypto.subtle.digest('SHA-256', await response.clone().arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest))) === sha256;
}

async function dropOldCaches(worker: WorkerScope, cacheName: string, prefix: string): Promise<void> {
  const old = ownCaches(await worker.caches.keys(), prefix).filter((name) => name !== cacheName);
  await Promise.all(old.map((name) => worker.caches.delete(name)));
}

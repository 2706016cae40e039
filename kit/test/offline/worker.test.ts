import { beforeEach, describe, expect, it } from 'vitest';
import { appNames, ownCaches } from '../../src/offline/names';
import { fingerprint, serveOffline, TAKE_OVER, type BuiltFile, type WorkerScope } from '../../src/offline/worker';

const ORIGIN = 'https://pass.example.org';
const FILES: readonly BuiltFile[] = [
  { url: 'index.html', revision: 'r1' },
  { url: 'assets/index-abc.js', revision: null },
];

/** CacheStorage as far as the worker uses it. */
class Caches {
  readonly kept = new Map<string, Map<string, Response>>();

  open(name: string): Promise<Pick<Cache, 'match' | 'put'>> {
    const cache = this.kept.get(name) ?? new Map<string, Response>();
    this.kept.set(name, cache);
    return Promise.resolve({
      match: (address) => Promise.resolve(cache.get(address as string)?.clone()),
      put: (address, response) => Promise.resolve(void cache.set(address as string, response)),
    });
  }
  keys = (): Promise<string[]> => Promise.resolve([...this.kept.keys()]);
  delete = (name: string): Promise<boolean> => Promise.resolve(this.kept.delete(name));
}

class FakeWorker {
  readonly caches = new Caches();
  readonly location = { origin: ORIGIN };
  readonly registration = { scope: `${ORIGIN}/pass/` };
  readonly crypto = globalThis.crypto;
  readonly fetched: string[] = [];
  readonly listeners = new Map<string, (event: never) => void>();
  version = 'one';
  status = 200;
  isTakenOver = false;

  fetch = (asked: RequestInfo | URL): Promise<Response> => {
    const address = asked instanceof Request ? asked.url : String(asked);
    this.fetched.push(address);
    return Promise.resolve(new Response(`${this.version} ${address}`, { status: this.status }));
  };
  skipWaiting = (): Promise<void> => {
    this.isTakenOver = true;
    return Promise.resolve();
  };
  addEventListener = (type: string, listener: (event: never) => void): void => void this.listeners.set(type, listener);

  start(files = FILES): this {
    serveOffline(this as unknown as WorkerScope, 'estran-pass', files);
    return this;
  }

  async send(type: 'install' | 'activate'): Promise<void> {
    let work: Promise<unknown> = Promise.resolve();
    this.listeners.get(type)?.({ waitUntil: (promise: Promise<unknown>) => (work = promise) } as never);
    await work;
  }

  /** The worker's answer, or null when it leaves the request to the browser. */
  async ask(path: string, { mode = 'cors', method = 'GET' } = {}): Promise<string | null> {
    let answer: Promise<Response> | null = null;
    const request = { url: ORIGIN + path, mode, method };
    this.listeners.get('fetch')?.({
      request,
      respondWith: (promise: Promise<Response>) => (answer = promise),
    } as never);
    return answer === null ? null : (await (answer as Promise<Response>)).text();
  }
}

let worker: FakeWorker;
beforeEach(() => {
  worker = new FakeWorker().start();
});

describe('an installed worker', () => {
  beforeEach(() => worker.send('install'));

  it('answers for the app’s files and for navigations inside its scope, without network', async () => {
    worker.fetched.length = 0;
    expect(await worker.ask('/pass/assets/index-abc.js')).toBe(`one ${ORIGIN}/pass/assets/index-abc.js`);
    expect(await worker.ask('/pass/', { mode: 'navigate' })).toBe(`one ${ORIGIN}/pass/index.html`);
    expect(await worker.ask('/pass/index.html?from=home', { mode: 'navigate' })).toBe(`one ${ORIGIN}/pass/index.html`);
    expect(worker.fetched).toEqual([]);
  });

  it.each([
    ['/api/v1/me', {}],
    ['/scan/', { mode: 'navigate' }],
    ['/', { mode: 'navigate' }],
    ['/pass/assets/unknown.js', {}],
    ['/pass/assets/index-abc.js', { method: 'POST' }],
  ])('leaves %s to the network', async (path, how) => {
    expect(await worker.ask(path, how)).toBeNull();
  });
});

describe('a new version', () => {
  it('takes unchanged files from the old one, and waits', async () => {
    await worker.send('install');
    worker.fetched.length = 0;
    worker.version = 'two';
    worker.start([{ url: 'index.html', revision: 'r2' }, FILES[1] as BuiltFile]);
    await worker.send('install');
    expect(worker.fetched).toEqual([`${ORIGIN}/pass/index.html`]);
    expect(worker.isTakenOver).toBe(false);
  });

  it('takes over when asked', () => {
    worker.listeners.get('message')?.({ data: 'something else' } as never);
    expect(worker.isTakenOver).toBe(false);
    worker.listeners.get('message')?.({ data: TAKE_OVER } as never);
    expect(worker.isTakenOver).toBe(true);
  });

  it('drops the old files of its own app, and nobody else’s', async () => {
    await worker.caches.open('estran-scan-files-x');
    await worker.caches.open('estran-pass-files-old');
    await worker.send('install');
    await worker.send('activate');
    expect((await worker.caches.keys()).sort()).toEqual([
      `estran-pass-files-${fingerprint(FILES)}`,
      'estran-scan-files-x',
    ]);
  });

  it('is not installed by halves', async () => {
    worker.status = 503;
    await expect(worker.send('install')).rejects.toThrow('status 503');
  });
});

describe('a file of which half was uploaded', () => {
  // printf %s 'one https://pass.example.org/pass/assets/index-abc.js' | openssl dgst -sha256 -binary | base64
  const whole = { ...FILES[1], sha256: 'SWce60hvwU9dYtxvR8VzHe545Gu7bcZzZCQ/dW3YCTA=' } as BuiltFile;

  it('is not kept', async () => {
    worker.version = 'on';
    worker.start([whole]);
    await expect(worker.send('install')).rejects.toThrow('not whole');
  });

  it('is fetched anew where an older version has kept it', async () => {
    worker.version = 'on';
    await worker.send('install');
    worker.version = 'one';
    worker.start([whole]);
    await worker.send('install');
    await worker.send('activate');
    expect(await worker.ask('/pass/assets/index-abc.js')).toBe(`one ${ORIGIN}/pass/assets/index-abc.js`);
  });
});

describe('names', () => {
  it('never belong to both apps', () => {
    expect(
      ownCaches(['estran-pass-files-1', 'estran-passport-1', 'estran-scan-files-1', 'other'], appNames('pass').prefix),
    ).toEqual(['estran-pass-files-1']);
    expect(appNames('scan').of('lang')).toBe('estran-scan-lang');
  });

  it('differ between two lists of files, whatever their order', () => {
    expect(fingerprint([...FILES].reverse())).toBe(fingerprint(FILES));
    expect(fingerprint(FILES.slice(1))).not.toBe(fingerprint(FILES));
  });
});

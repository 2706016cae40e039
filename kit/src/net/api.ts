/**
 * One way to ask the server: every outcome is a value, nothing is thrown, nothing waits for ever.
 * Each answer's `Estran-Time` is handed on with the round trip, errors and 304 included (docs/sync.md).
 */

export interface Answered<T> {
  readonly ok: true;
  readonly value: T;
  readonly status: number;
  readonly etag: string | null;
}

export interface Failed {
  readonly ok: false;
  /** The problem's stable code, or `network` (no answer), `timeout`, `unreadable` (an answer of another shape). */
  readonly code: string;
  readonly status: number;
  /** The problem itself, for codes that carry more. */
  readonly problem: unknown;
}

export type Result<T> = Answered<T> | Failed;

/** The server's clock as one answer showed it. */
export interface TimeSeen {
  readonly serverMs: number;
  /** This device's wall clock when the answer arrived. */
  readonly wallMs: number;
  readonly roundTripMs: number;
}

export interface Call<T> {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  /** Narrows the answer's JSON; null when it is not what was expected. Called with null for 204 and 304. */
  readonly read: (json: unknown) => T | null;
}

const TIMEOUT_MS = 15_000;

export class Api {
  readonly #onTime: (seen: TimeSeen) => void;
  readonly #fetch: typeof fetch;

  constructor(onTime: (seen: TimeSeen) => void = () => undefined, fetcher: typeof fetch = (...args) => fetch(...args)) {
    this.#onTime = onTime;
    this.#fetch = fetcher;
  }

  async call<T>(call: Call<T>): Promise<Result<T>> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), call.timeoutMs ?? TIMEOUT_MS);
    const started = { wallMs: Date.now(), monoMs: performance.now() };
    try {
      const response = await this.#fetch(call.path, requestOf(call, stop.signal));
      // by both clocks: the monotonic one stands still while a phone sleeps, and an answer may have waited for it to wake
      this.#tellTime(response, Math.max(performance.now() - started.monoMs, Date.now() - started.wallMs));
      return await resultOf(call, response);
    } catch {
      return { ok: false, code: stop.signal.aborted ? 'timeout' : 'network', status: 0, problem: null };
    } finally {
      clearTimeout(timer);
    }
  }

  #tellTime(response: Response, roundTripMs: number): void {
    const serverMs = Number(response.headers.get('Estran-Time') ?? NaN);
    if (Number.isFinite(serverMs) && serverMs > 0) this.#onTime({ serverMs, wallMs: Date.now(), roundTripMs });
  }
}

function requestOf<T>(call: Call<T>, signal: AbortSignal): RequestInit {
  const headers: Record<string, string> = { Accept: 'application/json', ...call.headers };
  if (call.token !== undefined) headers['Authorization'] = `Device ${call.token}`;
  if (call.etag !== undefined) headers['If-None-Match'] = call.etag;
  if (call.body !== undefined) headers['Content-Type'] = 'application/json';
  return {
    method: call.method ?? 'GET',
    headers,
    signal,
    // the browser's own cache would turn a 304 into a 200 behind our back
    cache: 'no-store',
    credentials: 'same-origin',
    ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
  };
}

async function resultOf<T>(call: Call<T>, response: Response): Promise<Result<T>> {
  const { status } = response;
  const empty = status === 204 || status === 304;
  if (!response.ok && !empty) {
    const problem = await jsonOf(response);
    return { ok: false, code: codeOf(problem) ?? `http_${status}`, status, problem };
  }
  const value = call.read(empty ? null : await jsonOf(response));
  if (value === null && !empty) return { ok: false, code: 'unreadable', status, problem: null };
  return { ok: true, value: value as T, status, etag: response.headers.get('ETag') };
}

async function jsonOf(response: Response): Promise<unknown> {
  const text = await response.text(); // a broken connection here is a network failure: let it throw
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

function codeOf(problem: unknown): string | null {
  const code = typeof problem === 'object' && problem !== null ? (problem as { code?: unknown }).code : null;
  return typeof code === 'string' ? code : null;
}

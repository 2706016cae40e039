import { describe, expect, test, vi } from 'vitest';

import { Api, type TimeSeen } from '../../src/net/api';

const text = (value: unknown): string | null => (typeof value === 'string' ? value : null);

function answering(response: Response | Error): { api: Api; seen: TimeSeen[]; asked: Request[] } {
  const seen: TimeSeen[] = [];
  const asked: Request[] = [];
  const api = new Api(
    (time) => seen.push(time),
    async (path, init) => {
      asked.push(new Request(new URL(String(path), 'https://pass.example.org'), init));
      await Promise.resolve();
      if (response instanceof Error) throw response;
      return response;
    },
  );
  return { api, seen, asked };
}

const timed = (body: BodyInit | null, init: ResponseInit = {}): Response =>
  new Response(body, { ...init, headers: { 'Estran-Time': '1795000000000', ETag: '"7"', ...init.headers } });

describe('a call', () => {
  test('gives the value, its etag, and the server’s time', async () => {
    const { api, seen, asked } = answering(timed('"yes"'));
    const result = await api.call({ path: '/x', token: 'abc', etag: '"6"', read: text });
    expect(result).toEqual({ ok: true, value: 'yes', status: 200, etag: '"7"' });
    expect(asked[0]?.headers.get('Authorization')).toBe('Device abc');
    expect(asked[0]?.headers.get('If-None-Match')).toBe('"6"');
    expect(seen[0]).toMatchObject({ serverMs: 1_795_000_000_000 });
    expect(seen[0]?.roundTripMs).toBeGreaterThanOrEqual(0);
  });

  test('tells the time of a 304 and of an error, too', async () => {
    const unchanged = answering(timed(null, { status: 304 }));
    expect(await unchanged.api.call({ path: '/x', read: text })).toMatchObject({ ok: true, value: null, status: 304 });
    expect(unchanged.seen).toHaveLength(1);
    const refused = answering(timed('{"code":"device_cut","x":1}', { status: 403 }));
    expect(await refused.api.call({ path: '/x', read: text })).toMatchObject({
      ok: false,
      code: 'device_cut',
      status: 403,
      problem: { x: 1 },
    });
    expect(refused.seen).toHaveLength(1);
  });

  test('an answer that waited while the device slept took as long as the sleep', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 1_795_000_000_000 });
    const seen: TimeSeen[] = [];
    const api = new Api(
      (time) => seen.push(time),
      () => {
        vi.setSystemTime(Date.now() + 600_000); // the monotonic clock slept, too
        return Promise.resolve(timed('"yes"'));
      },
    );
    await api.call({ path: '/x', read: text });
    vi.useRealTimers();
    expect(seen).toEqual([{ serverMs: 1_795_000_000_000, wallMs: 1_795_000_600_000, roundTripMs: 600_000 }]);
  });

  test.each([
    ['no connection', new TypeError('Failed to fetch'), 'network', 0],
    ['an answer of another shape', timed('42'), 'unreadable', 200],
    ['an answer that is no JSON (a hotel’s welcome page)', timed('<html>'), 'unreadable', 200],
    ['an error without a code', timed('<html>', { status: 502 }), 'http_502', 502],
  ])('never throws: %s', async (_, response, code, status) => {
    expect(await answering(response).api.call({ path: '/x', read: text })).toMatchObject({ ok: false, code, status });
  });

  test('never throws: a body cut in the middle', async () => {
    const body = new ReadableStream({ start: (stream) => stream.error(new TypeError('cut')) });
    expect(await answering(timed(body)).api.call({ path: '/x', read: text })).toMatchObject({ code: 'network' });
  });

  test('waits no longer than it should', async () => {
    vi.useFakeTimers();
    const api = new Api(
      () => undefined,
      (_, init) => new Promise((__, reject) => init?.signal?.addEventListener('abort', () => reject(new Error('x')))),
    );
    const result = api.call({ path: '/x', timeoutMs: 1000, read: text });
    await vi.advanceTimersByTimeAsync(1000);
    expect(await result).toMatchObject({ ok: false, code: 'timeout' });
    vi.useRealTimers();
  });
});

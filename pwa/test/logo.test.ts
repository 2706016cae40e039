import { expect, test } from 'vitest';
import type { KeptLogo } from '../src/pass/vault';
import { LogoState } from '../src/state/logo.svelte';

const LIGHTHOUSE = { src: '/logo?v=1', alt: 'Un phare' };

function phone(): { state: () => LogoState; kept: () => KeptLogo | null; asked: string[]; network: { is: boolean } } {
  let kept: KeptLogo | null = null;
  const asked: string[] = [];
  const network = { is: true };
  const vault = {
    logo: () => Promise.resolve(kept),
    keepLogo: (logo: KeptLogo) => Promise.resolve(void (kept = logo)),
  };
  const fetcher = (src: RequestInfo | URL): Promise<Response> => {
    asked.push(String(src));
    if (!network.is) return Promise.reject(new TypeError('no network'));
    return Promise.resolve(new Response(new Uint8Array([1, 2, 255]), { headers: { 'content-type': 'image/png' } }));
  };
  return { state: () => new LogoState(vault, fetcher as typeof fetch), kept: () => kept, asked, network };
}

test('a logo is fetched once, and there without network', async () => {
  const { state, asked, network } = phone();
  const first = state();
  await first.show(LIGHTHOUSE);
  expect(first.picture).toBe('data:image/png;base64,AQL/');
  network.is = false;
  const relaunched = state();
  await relaunched.show(LIGHTHOUSE);
  expect(relaunched.picture).toBe('data:image/png;base64,AQL/');
  expect(asked).toEqual(['/logo?v=1']);
});

test('another logo takes its place, and none takes it away', async () => {
  const { state, kept, asked } = phone();
  const one = state();
  await one.show(LIGHTHOUSE);
  await one.show({ ...LIGHTHOUSE, src: '/logo?v=2' });
  expect(asked).toEqual(['/logo?v=1', '/logo?v=2']);
  expect(kept()?.src).toBe('/logo?v=2');
  await one.show(null);
  expect(one.picture).toBeNull();
});

test('without network and never met, the pass is as good without', async () => {
  const { state, network } = phone();
  network.is = false;
  const one = state();
  await one.show(LIGHTHOUSE);
  expect(one.picture).toBeNull();
});

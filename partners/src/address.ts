/**
 * What the address brought along: a pass's digits, or a pairing secret, behind `#`. It is taken out of the address at
 * once, so that it stays neither in the history nor on the screen.
 */
export type Brought =
  { readonly kind: 'pass' | 'training'; readonly text: string } | { readonly kind: 'pairing'; readonly secret: string };

export function takeFragment(): Brought | null {
  const { hash, pathname, search, href } = location;
  if (hash === '') return null;
  history.replaceState(history.state, '', pathname + search);
  return broughtBy(hash, href);
}

/** Pure part: what `hash`, found in the address `href`, is. */
export function broughtBy(hash: string, href: string): Brought | null {
  const secret = /^#pair=(.{4,64})$/.exec(hash)?.[1];
  if (secret !== undefined) return { kind: 'pairing', secret };
  if (/^#train=/.test(hash)) return { kind: 'training', text: href };
  return /^#[0-9]+$/.test(hash) ? { kind: 'pass', text: href } : null;
}

/** The pairing secret in a scanned text, or null: only this club's own pairing address is taken. */
export function pairingSecretIn(text: string, origin: string): string | null {
  const address = `${origin}/scan/#pair=`;
  return text.startsWith(address) ? text.slice(address.length, address.length + 64) || null : null;
}

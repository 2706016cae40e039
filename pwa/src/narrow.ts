/** What arrives from outside is `unknown`: these make something of it, or nothing. */

export type Fields = Readonly<Record<string, unknown>>;

export function fields(body: unknown): Fields | null {
  return typeof body === 'object' && body !== null && !Array.isArray(body) ? (body as Fields) : null;
}

export function list(body: unknown): readonly unknown[] {
  return Array.isArray(body) ? body : [];
}

export function text(body: unknown): string {
  return typeof body === 'string' ? body : '';
}

/** A day `YYYY-MM-DD`, or null. */
export function day(body: unknown): string | null {
  return typeof body === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(body) ? body : null;
}

/** The one of `known` that this is, or null. */
export function oneOf<T extends string>(known: readonly T[], body: unknown): T | null {
  return known.find((one) => one === body) ?? null;
}

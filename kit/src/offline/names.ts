/**
 * Names under which an app keeps things in the browser. Both apps live on one origin and share its databases, caches,
 * locks, channels and local storage: every name carries the app's prefix, and each app deletes only its own.
 */
export interface AppNames {
  readonly prefix: string;
  readonly database: string;
  readonly channel: string;
  /** Name of a lock, of a local-storage entry or of a cache. */
  of(what: string): string;
}

/** `appNames('pass')` gives `estran-pass`, `estran-pass-…`. */
export function appNames(app: 'pass' | 'scan'): AppNames {
  const prefix = `estran-${app}`;
  return { prefix, database: prefix, channel: prefix, of: (what) => `${prefix}-${what}` };
}

/** The caches among `names` that belong to the app with this prefix. */
export function ownCaches(names: readonly string[], prefix: string): string[] {
  return names.filter((name) => name.startsWith(`${prefix}-`));
}

/** The places of the app and their fragments. Apart from the router, as the first code asks before any of the app is there. */
const PLACES = [
  'benefits',
  'here',
  'events',
  'account',
  'put',
  'manifesto',
  'draft',
  'data',
  'letters',
  'leave',
] as const;

export type Route = 'pass' | (typeof PLACES)[number];

/** The screens that are about the person, not about this phone's pass: fetched when they are asked for. */
export type PersonalRoute = 'account' | 'manifesto' | 'draft' | 'data' | 'letters' | 'leave';

export function routeOf(hash: string): Route {
  const [name, ...more] = partsOf(hash);
  return PLACES.find((place) => place === name && (place === 'here' || more.length === 0)) ?? 'pass';
}

function partsOf(hash: string): string[] {
  return hash.replace(/^#\/?/, '').split('/');
}

/** A venue without a scanner, as its poster names it: `#/here/<venue>/<PIN>`; a link inside the app has no PIN. */
export interface Here {
  readonly venueId: string;
  readonly pin: string;
}

export function hereOf(hash: string): Here | null {
  const [name, venueId = '', pin = ''] = partsOf(hash);
  if (name !== 'here' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(venueId)) return null;
  return { venueId, pin: /^[0-9]{6}$/.test(pin) ? pin : '' };
}

export function addressOf(route: Route): string {
  return route === 'pass' ? '#/' : `#/${route}`;
}

export function isPersonal(route: Route): route is PersonalRoute {
  return !['pass', 'benefits', 'put', 'here', 'events'].includes(route);
}

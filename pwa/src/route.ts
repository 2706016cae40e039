/** The places of the app and their fragments. Apart from the router, as the first code asks before any of the app is there. */
const PLACES = ['benefits', 'account', 'put', 'manifesto', 'draft', 'data', 'leave'] as const;

export type Route = 'pass' | (typeof PLACES)[number];

/** The screens that are about the person, not about this phone's pass: fetched when they are asked for. */
export type PersonalRoute = 'account' | 'manifesto' | 'draft' | 'data' | 'leave';

export function routeOf(hash: string): Route {
  const name = hash.replace(/^#\/?/, '');
  return PLACES.find((place) => place === name) ?? 'pass';
}

export function addressOf(route: Route): string {
  return route === 'pass' ? '#/' : `#/${route}`;
}

export function isPersonal(route: Route): route is PersonalRoute {
  return route !== 'pass' && route !== 'benefits' && route !== 'put';
}

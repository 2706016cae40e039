/** The places of the app and their fragments. Apart from the router, as the first code asks before any of the app is there. */
export type Route = 'pass' | 'benefits' | 'account' | 'put';

export function routeOf(hash: string): Route {
  const name = hash.replace(/^#\/?/, '');
  return name === 'benefits' || name === 'account' || name === 'put' ? name : 'pass';
}

export function addressOf(route: Route): string {
  return route === 'pass' ? '#/' : `#/${route}`;
}

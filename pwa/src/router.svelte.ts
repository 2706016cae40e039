/** Where we are, told by the address's fragment: works from a cold cache, and « back » does what people expect. */
export type Route = 'pass' | 'benefits' | 'account' | 'put';

export function routeOf(hash: string): Route {
  const name = hash.replace(/^#\/?/, '');
  return name === 'benefits' || name === 'account' || name === 'put' ? name : 'pass';
}

export function addressOf(route: Route): string {
  return route === 'pass' ? '#/' : `#/${route}`;
}

export class Router {
  #route = $state<Route>(routeOf(globalThis.location?.hash ?? ''));

  constructor() {
    globalThis.addEventListener?.('hashchange', () => {
      this.#route = routeOf(location.hash);
    });
  }

  get route(): Route {
    return this.#route;
  }

  go(route: Route): void {
    location.hash = addressOf(route);
  }
}

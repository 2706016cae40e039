/**
 * Which screen is shown. It is kept in the history's state and not in the address: the part behind `#` belongs to
 * passes and pairings. « Back » does what people expect.
 */
export type Route = 'scan' | 'today' | 'state' | 'help' | 'pair' | 'practice' | 'venue';

const ROUTES: ReadonlySet<unknown> = new Set<Route>(['scan', 'today', 'state', 'help', 'pair', 'practice', 'venue']);

export class Router {
  #route = $state<Route>(routeIn(history.state));

  constructor() {
    window.addEventListener('popstate', (event) => {
      this.#route = routeIn(event.state);
    });
  }

  get route(): Route {
    return this.#route;
  }

  go(route: Route): void {
    if (route === this.#route) return;
    history.pushState({ route }, '');
    this.#route = route;
  }
}

function routeIn(state: unknown): Route {
  const route = typeof state === 'object' && state !== null ? (state as { route?: unknown }).route : null;
  return ROUTES.has(route) ? (route as Route) : 'scan';
}

/** Where we are, told by the address's fragment: works from a cold cache, and « back » does what people expect. */
import { addressOf, routeOf, type Route } from './route';

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

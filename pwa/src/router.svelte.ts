/** Where we are, told by the address's fragment: works from a cold cache, and « back » does what people expect. */
import { addressOf, hereOf, routeOf, type Here, type Route } from './route';

export class Router {
  #route = $state<Route>(routeOf(globalThis.location?.hash ?? ''));
  #here = $state.raw<Here | null>(hereOf(globalThis.location?.hash ?? ''));

  constructor() {
    globalThis.addEventListener?.('hashchange', () => {
      this.#route = routeOf(location.hash);
      this.#here = hereOf(location.hash);
    });
  }

  get route(): Route {
    return this.#route;
  }

  /** The venue that the address names, when it is about one. */
  get here(): Here | null {
    return this.#here;
  }

  go(route: Route): void {
    location.hash = addressOf(route);
  }
}

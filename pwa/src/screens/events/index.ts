/** What there is of events: one file, fetched apart. What is known of them is the same for every screen. */
import type { App } from '../../app';
import { eventsApi } from '../../events/api';
import { EventsState } from '../../state/events.svelte';

export { default as Events } from './Events.svelte';
export { mark } from './Mark.svelte';

let state: EventsState | undefined;

export function eventsOf({ net, pass, vault }: App): EventsState {
  return (state ??= new EventsState({ vault, api: eventsApi(net, pass), nowMs: () => pass.nowMs }));
}

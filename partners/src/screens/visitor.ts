/** From one visitor to the next, in one piece: once the first screen is here, no answer waits for anything to be fetched. */
export { Desk } from '../state/desk.svelte';
export { Doors } from '../state/doors.svelte';
export { isLogged } from '../state/scan';
export { default as Nav } from '../parts/Nav.svelte';
export { default as Done } from './Done.svelte';
export { default as Scan } from './Scan.svelte';
export { default as Verdict } from './Verdict.svelte';

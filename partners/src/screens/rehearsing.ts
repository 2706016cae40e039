/** Practice in one piece: nothing of it is needed before somebody asks for it. */
export { default as Band } from '../parts/PracticeBand.svelte';
export { Rehearsal } from '../state/rehearsal';
export { default as Practice } from './Practice.svelte';

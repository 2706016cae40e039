/** The words of this app, in the language of the moment. */
import { Texts } from '@estran/kit/text/texts.svelte';
import { names } from '../names';
import { en } from './en';
import { fr, type Key } from './fr';

export const texts = new Texts<Key>({ fr, en }, names.of('lang'));
export const t = texts.t;
export type { Key };

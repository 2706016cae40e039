/** The words of this app, in the language of the moment. */
import { Texts } from '@estran/kit/text/texts.svelte';
import type { Values } from '@estran/kit/text/lang';
import { names } from '../names';
import { en } from './en';
import { fr, type Key } from './fr';

export const texts = new Texts<Key>({ fr, en }, names.of('lang'));

/** The sentence for `key`. A name that ends with its initial (« Camille V. ») brings its own full stop. */
export const t = (key: Key, values?: Values): string => texts.t(key, values).replace('..', '.');

export type { Key };

/** The words of a scanner at work, on top of those of the first screen: fetched with its screens. */
import type { Values } from '@estran/kit/text/lang';
import { texts, type Key as FirstKey } from '.';
import { workEn } from './work-en';
import { workFr, type WorkKey } from './work-fr';

export type Key = FirstKey | WorkKey;

const say = texts.also<WorkKey>({ fr: workFr, en: workEn });

/** The sentence for `key`. A name that ends with its initial (« Camille V. ») brings its own full stop. */
export const t = (key: Key, values?: Values): string => say(key, values).replace('..', '.');

export { texts };

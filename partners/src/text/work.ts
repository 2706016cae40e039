/** The words of a scanner at work, on top of those of the first screen: fetched with its screens. */
import type { Values } from '@estran/kit/text/lang';
import { texts, type Key as FirstKey } from '.';
import { workEn } from './work-en';
import { workFr, type WorkKey } from './work-fr';

export type Key = FirstKey | WorkKey;

const say = texts.also<WorkKey>({ fr: workFr, en: workEn });

/** The sentence for `key`. A name that ends with its initial (« Camille V. ») brings its own full stop. */
export const t = (key: Key, values?: Values): string => say(key, values).replace('..', '.');

/** The same at the door of an event, where it is said otherwise. */
export function sayAt(isDoor: boolean): typeof t {
  return (key, values) => t(isDoor && `door.${key}` in workFr ? (`door.${key}` as Key) : key, values);
}

export { texts };

/** The words of telling a visit, on top of the app's own: fetched with that screen. */
import { texts, type Key } from '.';
import { hereEn } from './here-en';
import { hereFr, type HereKey } from './here-fr';

export const t = texts.also<HereKey>({ fr: hereFr, en: hereEn });
export type HereWord = Key | HereKey;

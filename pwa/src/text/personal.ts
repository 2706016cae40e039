/** The words of the screens about the person, on top of the app's own: fetched with them, not before the pass. */
import { texts, type Key } from '.';
import { personalEn } from './personal-en';
import { personalFr, type PersonalKey } from './personal-fr';

export const t = texts.also<PersonalKey>({ fr: personalFr, en: personalEn });
export type ClubKey = Key | PersonalKey;

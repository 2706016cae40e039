/** The words of events, on top of the app's own: fetched with that screen. */
import { texts, type Key } from '.';
import { eventsEn } from './events-en';
import { eventsFr, type EventsKey } from './events-fr';

export const t = texts.also<EventsKey>({ fr: eventsFr, en: eventsEn });
export type EventsWord = Key | EventsKey;

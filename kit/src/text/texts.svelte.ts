/**
 * The sentences of an app in the language of the moment. Reading `t()` inside a component follows the language:
 * nothing has to be reloaded when it changes.
 */
import { fill, firstLang, typeset, type Catalogue, type Lang, type Values } from './lang';

export class Texts<K extends string> {
  #lang = $state<Lang>('fr');
  readonly #catalogues: Readonly<Record<Lang, Catalogue<K>>>;
  readonly #storageKey: string;

  /** `storageKey` is where this device keeps its choice; it carries the app's prefix, as both apps share one origin. */
  constructor(catalogues: Readonly<Record<Lang, Catalogue<K>>>, storageKey: string) {
    this.#catalogues = catalogues;
    this.#storageKey = storageKey;
    this.#lang = firstLang(read(storageKey), globalThis.navigator?.languages ?? []);
  }

  get lang(): Lang {
    return this.#lang;
  }

  /** Changes the language here and keeps the choice for the next visit. */
  choose(lang: Lang): void {
    this.#lang = lang;
    try {
      localStorage.setItem(this.#storageKey, lang);
    } catch {
      // private browsing may refuse: the choice then lasts for this visit only
    }
  }

  /** The sentence for `key`, its places filled with `values`. */
  t = (key: K, values?: Values): string => this.#say(this.#catalogues[this.#lang][key], values);

  /** Another `t` that knows `more` sentences, too: those of screens that are fetched later. */
  also<L extends string>(more: Readonly<Record<Lang, Catalogue<L>>>): (key: K | L, values?: Values) => string {
    const all = { fr: { ...this.#catalogues.fr, ...more.fr }, en: { ...this.#catalogues.en, ...more.en } };
    return (key, values) => this.#say(all[this.#lang][key], values);
  }

  #say(sentence: string, values?: Values): string {
    return fill(typeset(sentence, this.#lang), values);
  }
}

function read(key: string): string | null {
  try {
    return globalThis.localStorage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

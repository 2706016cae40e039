/** The languages of both apps. French first: it is the one a text is written in. */
export type Lang = 'fr' | 'en';

/** One language's sentences, by key. `{name}` marks what the caller fills in. */
export type Catalogue<K extends string = string> = Readonly<Record<K, string>>;

/** What fills the places of a sentence. */
export type Values = Readonly<Record<string, string | number>>;

/** The sentence with its places filled. A place without value stays visible, so that a test or an eye finds it. */
export function fill(sentence: string, values: Values = {}): string {
  return sentence.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : String(value);
  });
}

/** French wants a no-break space before `: ; ? ! »` and after `«`: put in here, so that nobody has to type it. */
export function typeset(sentence: string, lang: Lang): string {
  if (lang !== 'fr') return sentence;
  return sentence.replace(/ ([:;?!»])/g, '\u00a0$1').replace(/« /g, '«\u00a0');
}

/** The language to start with: the one chosen on this device, else English for an English browser, else French. */
export function firstLang(stored: string | null, preferred: readonly string[]): Lang {
  if (stored === 'fr' || stored === 'en') return stored;
  return preferred[0]?.toLowerCase().startsWith('en') === true ? 'en' : 'fr';
}

/**
 * The club's own colours, over those of tokens.css. The server has seen to their contrast (`GET /api/v1/club`); a device
 * keeps them with what it knows of the club, so that they are there without network and before the first paint.
 */
export interface Colours {
  /** Of links and buttons on light pages. */
  readonly light: string;
  /** The same on dark pages. */
  readonly dark: string;
  /** The deep ground of headers, on both. */
  readonly deep: string;
}

const COLOUR = /^#[0-9a-f]{6}$/;
/** What is worn, and in how many rules. */
let worn = '';
let rules = 0;

/** Null for anything that is not three colours: nothing else may end up in a style sheet. */
export function readColours(json: unknown): Colours | null {
  if (typeof json !== 'object' || json === null) return null;
  const { light, dark, deep } = json as Record<string, unknown>;
  return isColour(light) && isColour(dark) && isColour(deep) ? { light, dark, deep } : null;
}

function isColour(value: unknown): value is string {
  return typeof value === 'string' && COLOUR.test(value);
}

/** Puts them on, instead of those before; null takes them off. The policy allows no inline style: they are rules. */
export function wear(colours: Colours | null, sheet = document.styleSheets[0]): void {
  const asked = colours ? [colours.light, colours.dark, colours.deep].join(' ') : '';
  if (!sheet || asked === worn) return;
  worn = asked;
  for (; rules > 0; rules -= 1) sheet.deleteRule(sheet.cssRules.length - 1);
  if (!colours) return;
  const { light, dark, deep } = colours;
  for (const rule of [
    `:root { --accent: ${light}; --deep: ${deep} }`,
    `@media (prefers-color-scheme: dark) { :root { --accent: ${dark}; --deep: ${deep} } }`,
  ]) {
    sheet.insertRule(rule, sheet.cssRules.length);
    rules += 1;
  }
}

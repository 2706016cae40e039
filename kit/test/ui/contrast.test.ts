import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

type Rgb = readonly [number, number, number];

const sheet = readFileSync(join(import.meta.dirname, '../../../server/estran/web/static/colours.css'), 'utf-8');
const [light = '', dark = ''] = sheet.split('@media (prefers-color-scheme: dark)');

function tokens(css: string, base: ReadonlyMap<string, string> = new Map()): Map<string, string> {
  return new Map([
    ...base,
    ...[...css.matchAll(/--([\w-]+):\s*([^;]+);/g)].map(([, name = '', value = '']) => [name, value] as const),
  ]);
}

const themes = { light: tokens(light), dark: tokens(dark, tokens(light)) };

function colour(theme: ReadonlyMap<string, string>, name: string): Rgb {
  const value = theme.get(name) ?? '';
  const other = /^var\(--([\w-]+)\)$/.exec(value)?.[1];
  if (other) return colour(theme, other);
  const [, r = '', g = '', b = ''] = /^#(..)(..)(..)$/.exec(value) ?? [];
  if (!r) throw new Error(`--${name} is no colour: ${value}`);
  return [parseInt(r, 16), parseInt(g, 16), parseInt(b, 16)];
}

/** WCAG 2.2: relative luminance. */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map((part) => {
    const s = part / 255;
    return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

const texts: readonly [text: string, surface: string, least: number][] = [
  ...['page', 'surface', 'surface-quiet'].flatMap((on): [string, string, number][] => [
    ['ink', on, 7],
    ['ink-quiet', on, 7],
    ['accent', on, 7],
    ['stop', on, 7],
    ['line-strong', on, 3],
  ]),
  ['on-accent', 'accent', 7],
  ['on-deep', 'deep', 7],
  ['on-deep-quiet', 'deep', 7],
  ['on-beach', 'beach', 7],
  ['on-beach-quiet', 'beach', 7],
  ['good', 'good-surface', 7],
  ['care', 'care-surface', 7],
  ['stop', 'stop-surface', 7],
];

/** What says something without words: icons, bars of charts, edges of what one presses, ticked boxes, the ring around the focus. */
const drawings = ['page', 'surface', 'surface-quiet', 'good-surface', 'care-surface', 'stop-surface'].flatMap((on) =>
  ['accent', 'good', 'care', 'stop', 'line-strong'].map((drawn): [string, string, number] => [drawn, on, 3]),
);

describe.each(Object.entries(themes))('in the %s theme', (_, theme) => {
  it.each([...texts, ...drawings])('--%s on --%s has %d:1', (text, surface, least) => {
    expect(contrast(colour(theme, text), colour(theme, surface))).toBeGreaterThanOrEqual(least);
  });
});

import { describe, expect, it } from 'vitest';
import { readColours, wear } from '../../src/ui/colours';

const RED = { light: '#b3261e', dark: '#e35d56', deep: '#6b1712' };
const GREEN = { light: '#397a42', dark: '#479953', deep: '#1c3d21' };

/** As much of a style sheet as is used. */
class Sheet {
  readonly cssRules: string[] = [':root { --accent: #0b5568 }'];

  insertRule(rule: string, at: number): number {
    this.cssRules.splice(at, 0, rule);
    return at;
  }

  deleteRule(at: number): void {
    this.cssRules.splice(at, 1);
  }
}

describe("the club's colours", () => {
  it('are three colours or none', () => {
    expect(readColours({ ...RED, more: 1 })).toEqual(RED);
    for (const other of [null, undefined, 'red', {}, { ...RED, deep: undefined }, { ...RED, dark: '#fff' }]) {
      expect(readColours(other)).toBeNull();
    }
    expect(readColours({ ...RED, light: '#b3261e; } body { display: none' })).toBeNull();
  });

  it('come after the tokens, replace each other and can be taken off', () => {
    const sheet = new Sheet();
    const [tokens] = sheet.cssRules;
    const put = (colours: typeof RED | null): void => wear(colours, sheet as unknown as CSSStyleSheet);
    put(RED);
    put(GREEN);
    expect(sheet.cssRules).toHaveLength(3);
    expect(sheet.cssRules[0]).toBe(tokens);
    expect(sheet.cssRules[1]).toContain('--accent: #397a42; --deep: #1c3d21');
    expect(sheet.cssRules[2]).toMatch(/prefers-color-scheme: dark.*--accent: #479953/);
    put(null);
    expect(sheet.cssRules).toEqual([tokens]);
  });
});

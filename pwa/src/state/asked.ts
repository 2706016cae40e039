/**
 * That a letter is on its way survives a reload: people leave to read it, and a phone may drop this page meanwhile.
 * Kept for the code's 15 minutes, then forgotten, as it holds an address.
 */
import { names } from '../names';

const KEY = names.of('asked');
const LASTS_MS = 15 * 60_000;

export interface AskedFor {
  readonly email: string;
  /** No new letter left: several had within the hour. */
  readonly isWithheld: boolean;
}

export function rememberAsked(asked: AskedFor, nowMs = Date.now()): void {
  try {
    localStorage.setItem(KEY, JSON.stringify({ ...asked, atMs: nowMs }));
  } catch {
    // private browsing: the state then lasts as long as the page
  }
}

/** What was asked for in the last 15 minutes, or null. */
export function readAsked(nowMs = Date.now()): AskedFor | null {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return null;
    const { email, isWithheld, atMs } = kept as Record<string, unknown>;
    const isFresh = typeof atMs === 'number' && nowMs - atMs < LASTS_MS;
    if (typeof email === 'string' && isFresh) return { email, isWithheld: isWithheld === true };
    forgetAsked();
  } catch {
    // nothing readable is nothing asked
  }
  return null;
}

export function forgetAsked(): void {
  try {
    localStorage.removeItem(KEY);
  } catch {
    // it ends by itself after 15 minutes
  }
}

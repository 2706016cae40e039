/** `PassApi` over HTTP (docs/sync.md §1-§2). What arrives is narrowed here, once. */
import type { Api } from '@estran/kit/net/api';
import type { PassApi } from './api';
import { readAsked, readClub, readMe, readNews } from './types';

/** Answers that say all by their status. */
const done = (): true => true;

export function passApi(api: Api): PassApi {
  const post = <T>(path: string, body: unknown, read: (json: unknown) => T | null) =>
    api.call({ method: 'POST', path, body, read });
  return {
    club: () => api.call({ path: '/api/v1/club', read: readClub }),
    askCode: (email) => post('/api/v1/sign-in', { email }, readAsked),
    enterCode: (code) => post('/api/v1/sign-in/code', { code }, done),
    signOut: () => post('/api/v1/sign-out', {}, done),
    me: () => api.call({ path: '/api/v1/me', read: readMe }),
    putPass: (x, y) => post('/api/v1/me/pass', { x, y }, readNews),
    wish: (wish) => post('/api/v1/me/renewal', { wish }, done),
    refresh: (digits) => post('/api/v1/pass/refresh', { digits }, readNews),
  };
}

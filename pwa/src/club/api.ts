/** What a person asks about the manifesto and about their data, over HTTP (docs/sync.md §2). Nothing is thrown. */
import type { Api } from '@estran/kit/net/api';
import type { Lang } from '@estran/kit/text/lang';
import type { Outcome } from '../pass/api';
import { readManifesto, readMyData, type ManifestoPage, type MyData } from './types';

export type RequestKind = 'correct' | 'object';

export interface ClubApi {
  manifesto(): Promise<Outcome<ManifestoPage>>;
  sign(id: string, interests: string): Promise<Outcome<ManifestoPage>>;
  read(id: string): Promise<Outcome<ManifestoPage>>;
  comment(id: string, text: string): Promise<Outcome<ManifestoPage>>;
  /** In the reader's language where the office has words for it. */
  data(lang: Lang): Promise<Outcome<MyData>>;
  request(kind: RequestKind, text: string): Promise<Outcome<unknown>>;
  leave(): Promise<Outcome<unknown>>;
}

const done = (): true => true;

export function clubApi(api: Api): ClubApi {
  const post = <T>(path: string, body: unknown, read: (json: unknown) => T | null) =>
    api.call({ method: 'POST', path: `/api/v1/me/${path}`, body, read });
  const about = (id: string, act: string): string => `manifesto/${encodeURIComponent(id)}/${act}`;
  return {
    manifesto: () => api.call({ path: '/api/v1/me/manifesto', read: readManifesto }),
    sign: (id, interests) => post(about(id, 'sign'), { interests }, readManifesto),
    read: (id) => post(about(id, 'read'), {}, readManifesto),
    comment: (id, text) => post(about(id, 'comments'), { text }, readManifesto),
    data: (lang) => api.call({ path: `/api/v1/me/data?lang=${lang}`, read: readMyData }),
    request: (kind, text) => post('requests', { kind, text }, done),
    leave: () => post('leave', {}, done),
  };
}

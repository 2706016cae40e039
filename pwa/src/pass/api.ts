/** The calls of this app to its server, as this app needs them. Every outcome is a value: nothing is thrown. */
import type { Asked, Club, Me, PassNews, Wish } from './types';

export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  /** `code` is the problem's code (docs/errors.md); `status` is 0 when no usable answer came. */
  | { readonly ok: false; readonly code: string; readonly status: number };

export interface PassApi {
  club(): Promise<Outcome<Club>>;
  askCode(email: string): Promise<Outcome<Asked>>;
  enterCode(code: string): Promise<Outcome<unknown>>;
  signOut(): Promise<Outcome<unknown>>;
  me(): Promise<Outcome<Me>>;
  putPass(x: string, y: string): Promise<Outcome<PassNews>>;
  /** Whether the person wants to go on after this mandate. */
  wish(wish: Wish): Promise<Outcome<unknown>>;
  refresh(digits: string): Promise<Outcome<PassNews>>;
}

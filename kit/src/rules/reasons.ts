/** The table of docs/pass-format.md §5: why a scan is welcomed, questioned or turned away. Append-only: newest last. Pure. */

export type Answer = 'admit' | 'ask' | 'refuse';

export const ANSWERS = {
  not_a_pass: 'refuse',
  other_club: 'refuse',
  malformed: 'refuse',
  unknown_version: 'ask',
  unknown_key: 'ask',
  bad_signature: 'refuse',
  bad_proof: 'refuse',
  revoked: 'refuse',
  suspended: 'refuse',
  expired: 'refuse',
  stale_proof: 'refuse',
  clock_unconfirmed: 'ask',
  snapshot_old: 'ask',
  paper_proof: 'ask',
  venue_paused: 'refuse',
  no_benefit: 'ask',
  already_here: 'ask',
  quota_used: 'refuse',
  companions_needed: 'ask',
  companions_missing: 'refuse',
  welcome: 'admit',
  venue_closed: 'refuse',
  not_entitled: 'refuse',
  not_now: 'refuse',
  identity_needed: 'ask',
  booking_needed: 'ask',
  typed_number: 'ask',
  not_on_list: 'ask',
  event_full: 'ask',
  other_slot: 'ask',
} as const satisfies Readonly<Record<string, Answer>>;

export type Reason = keyof typeof ANSWERS;

/** Reasons of parse: nothing is known of the pass. */
export type ParseReason = 'not_a_pass' | 'other_club' | 'malformed' | 'unknown_version';

/** Reasons of verify: its shape is right, a signature is not. */
export type VerifyReason = 'unknown_key' | 'bad_signature' | 'bad_proof';

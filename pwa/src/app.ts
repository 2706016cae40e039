/** Everything the screens speak to, put together once. */
import type { Api } from '@estran/kit/net/api';
import { Updates } from '@estran/kit/offline/updates.svelte';
import type { Device } from './first-code';
import { canHoldKey } from './pass/device-key';
import { passApi } from './pass/http-api';
import { lastSecond, present } from './pass/present';
import { Router } from './router.svelte';
import { Display } from './state/display.svelte';
import { Install } from './state/install.svelte';
import { Lasting } from './state/lasting.svelte';
import { LogoState } from './state/logo.svelte';
import { Member } from './state/member.svelte';
import { PassState } from './state/pass.svelte';
import { Proofs } from './state/proofs.svelte';
import { Told } from './state/told.svelte';
import { tellVia } from './told/api';
import { connect } from './wiring';

export interface App {
  /** For the screens that are fetched later, with calls and things to keep of their own. */
  readonly net: Api;
  readonly vault: Device['vault'];
  readonly pass: PassState;
  readonly proofs: Proofs;
  readonly member: Member;
  readonly told: Told;
  readonly router: Router;
  readonly install: Install;
  readonly display: Display;
  readonly logo: LogoState;
  readonly lasting: Lasting;
  readonly updates: Updates;
  readonly canHoldKey: boolean;
}

export function createApp({ vault, clock }: Pick<Device, 'vault' | 'clock'>): App {
  const net = connect(clock);
  const api = passApi(net);
  const pass = new PassState({ vault, api, clock, present, lastSecond });
  return {
    net,
    vault,
    pass,
    proofs: new Proofs((kept) => pass.present(kept)),
    member: new Member(api),
    told: new Told({ vault, tell: tellVia(net), pass, nowMs: () => clock.nowMs() }),
    router: new Router(),
    install: new Install(),
    display: new Display(),
    logo: new LogoState(vault),
    lasting: new Lasting(),
    updates: new Updates(),
    canHoldKey: canHoldKey(),
  };
}

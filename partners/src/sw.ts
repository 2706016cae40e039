/** The app's service worker: it keeps the app's files (kit/offline/worker) and, where browsers can, sends what waits. */
import { Api } from '@estran/kit/net/api';
import { appNames } from '@estran/kit/offline/names';
import { type BuiltFile, serveOffline, type WorkerScope } from '@estran/kit/offline/worker';
import { version } from '../package.json';
import { serverAt } from './net/server';
import { alone } from './state/alone';
import { handIn } from './state/outbox';
import { Vault } from './state/vault';

interface SyncEvent extends Event {
  readonly tag: string;
  waitUntil(work: Promise<unknown>): void;
}

declare const self: WorkerScope & {
  readonly __WB_MANIFEST: readonly BuiltFile[];
  addEventListener(type: 'sync', listener: (event: SyncEvent) => void): void;
};

const names = appNames('scan');

serveOffline(self, names.prefix, self.__WB_MANIFEST);

self.addEventListener('sync', (event) => {
  if (event.tag === names.of('outbox')) event.waitUntil(sendWhatWaits());
});

/** Throws when something is left: the browser then tries again later. News and wiping stay the page's business. */
async function sendWhatWaits(): Promise<void> {
  const vault = new Vault(names.database);
  try {
    const meta = { appVersion: version, statusVersion: null };
    const handed = await alone(names.of('sync'), vault, () => handIn(vault, serverAt(new Api()), meta));
    if (handed && !handed.done) throw new Error(`not sent: ${handed.code ?? 'unknown'}`);
  } finally {
    await vault.close();
    tellWindows();
  }
}

/** Their count of what waits is no longer right. */
function tellWindows(): void {
  if (typeof BroadcastChannel !== 'function') return;
  const channel = new BroadcastChannel(names.channel);
  channel.postMessage('changed');
  channel.close();
}

/** One meeting with the office: hand in what waits, then ask for news. Never two at once, whatever window asks. */
import { readStatusList } from '@estran/kit/rules/status';
import type { Server } from '../net/server';
import { names } from '../names';
import { alone } from './alone';
import { handIn, type Meta } from './outbox';
import type { News } from './scan';
import type { KeptSnapshot, Vault } from './vault';

/** `busy`: another window is at it. `cut`: everything was handed in and is forgotten; the database may go. */
export type Met = 'done' | 'busy' | 'offline' | 'pending' | 'cutting' | 'cut' | 'unknown_device' | 'refused';

export async function meet(vault: Vault, server: Server, appVersion: string): Promise<Met> {
  return (await alone(names.of('sync'), vault, () => meetNow(vault, server, appVersion))) ?? 'busy';
}

async function meetNow(vault: Vault, server: Server, appVersion: string): Promise<Met> {
  const { device, snapshot } = await vault.read();
  if (!device) return 'done';
  const list = await newsOf(snapshot);
  const meta: Meta = { appVersion, statusVersion: list?.list.version ?? null };
  const handed = await handIn(vault, server, meta);
  const asked = await server.snapshot(device.token, snapshot?.etag ?? null, list?.list.version ?? null);
  const cut = handed.device === 'cut' || (!asked.ok && asked.code === 'device_cut');
  if (cut) {
    await vault.setState(device.deviceId, 'cut');
    if (handed.done && (await vault.clear(device.deviceId))) return 'cut';
    // somebody was let in since the delivery, or it failed while there was no network
    const rest = await handIn(vault, server, meta);
    return rest.done && (await vault.clear(device.deviceId)) ? 'cut' : 'cutting';
  }
  if (!asked.ok) return failure(vault, device.deviceId, asked.status, asked.code);
  const news = asked.value
    ? { value: asked.value, etag: asked.etag, newsAtMs: Date.now() }
    : snapshot && { ...snapshot, newsAtMs: Date.now() };
  if (!news || !(await isBelievable(news, list))) return 'refused';
  await vault.keepSnapshot(device.deviceId, news);
  await vault.setState(device.deviceId, 'active');
  if (!handed.done) return handed.code === 'network' || handed.code === 'timeout' ? 'offline' : 'refused';
  await vault.keepSynced(Date.now());
  return 'done';
}

async function failure(vault: Vault, deviceId: string, status: number, code: string): Promise<Met> {
  if (code === 'device_pending') {
    await vault.setState(deviceId, 'pending');
    return 'pending';
  }
  if (status === 401) return 'unknown_device';
  return status === 0 ? 'offline' : 'refused';
}

/** The kept news with their status list verified, or null when there are none (or they no longer verify). */
export async function newsOf(kept: KeptSnapshot | null): Promise<News | null> {
  if (!kept) return null;
  const { value, newsAtMs } = kept;
  const list = await readStatusList(value.statusList, value.iss, value.keys);
  return typeof list === 'string' ? null : { snapshot: value, list, newsAtMs };
}

/** A scanner never goes back to an older list than it has (§6). */
async function isBelievable(fresh: KeptSnapshot, known: News | null): Promise<boolean> {
  const { statusList, iss, keys } = fresh.value;
  const list = await readStatusList(statusList, iss, keys, known?.list.version ?? null);
  return typeof list !== 'string';
}

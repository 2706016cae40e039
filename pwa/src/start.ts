/** The app itself, from the moment on when the first code is on the screen, or when there is none to show. */
import { mount } from 'svelte';

import { createApp } from './app';
import App from './App.svelte';
import type { Device } from './first-code';

export async function start(target: HTMLElement, device: Device, patience: Promise<unknown>): Promise<void> {
  const app = createApp(device);
  await Promise.race([app.pass.load(device.reading), patience]);
  if (device.first) app.proofs.goOnFrom(device.first);
  mount(App, { target, props: { app } });
  device.first?.element.remove();
  // The worker fetches files: it must not compete with the first code on a slow phone.
  void app.updates.register(`${import.meta.env.BASE_URL}sw.js`, import.meta.env.BASE_URL);
}

import '@estran/kit/ui/tokens.css';
import '@estran/kit/ui/base.css';

import { mount } from 'svelte';

import { createApp } from './app';
import App from './App.svelte';

/** Some browsers have been seen never to answer about their storage: the screens do not wait for them for ever. */
const PATIENCE_MS = 1500;

const app = createApp();
const target = document.getElementById('app');

// The device's own memory first, and the first code from it: so the pass appears whole, at once, and without network.
async function readDevice(): Promise<void> {
  await app.pass.load();
  if (app.pass.pass && app.pass.showing === 'live') await app.proofs.prepare(app.pass.pass);
}

const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
void Promise.race([readDevice(), patience]).finally(() => target && mount(App, { target, props: { app } }));

// The worker fetches files: it must not compete with the first code on a slow phone.
addEventListener('load', () => void app.updates.register(`${import.meta.env.BASE_URL}sw.js`, import.meta.env.BASE_URL));

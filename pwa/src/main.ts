import '@estran/kit/ui/tokens.css';
import '@estran/kit/ui/base.css';

import { mount } from 'svelte';

import { createApp } from './app';
import App from './App.svelte';

const app = createApp();
void app.pass.load(); // the device's own memory first: it is all the pass needs
const target = document.getElementById('app');
if (target) mount(App, { target, props: { app } });

// The worker fetches files: it must not compete with the first code on a slow phone.
addEventListener('load', () => void app.updates.register(`${import.meta.env.BASE_URL}sw.js`, import.meta.env.BASE_URL));

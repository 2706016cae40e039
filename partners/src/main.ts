import '@estran/kit/ui/tokens.css';
import '@estran/kit/ui/base.css';
import './app.css';

import { mount } from 'svelte';
import { takeFragment } from './address';
import App from './App.svelte';

const brought = takeFragment();
const target = document.getElementById('app');
if (target) mount(App, { target, props: { brought } });

import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vitest/config';

// Node has WebCrypto, as browsers do; no DOM is imitated: what needs one is tested in a browser by the journeys.
export default defineConfig({
  // `.svelte.ts` files hold runes; compiled for the browser, since runes do nothing on a server.
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
  resolve: { conditions: ['browser'] },
  test: {
    include: ['{kit,pwa,partners}/test/**/*.test.ts'],
    passWithNoTests: false,
  },
});

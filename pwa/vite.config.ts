import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { withSums } from '../kit/src/offline/sums';

// The oldest browsers served: what a phone of 2018 can still be brought to.
const oldest = ['es2020', 'safari15.6', 'chrome90', 'ios15.6'];

export default defineConfig({
  base: '/pass/',
  build: {
    target: oldest,
    cssTarget: oldest.slice(1),
    outDir: '../server/estran/static/pass',
    emptyOutDir: true,
    // The content security policy allows no inline data.
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: {
        // What is shared goes into few files: each costs its name in the first screen, and what is packed alone is packed badly.
        codeSplitting: {
          includeDependenciesRecursively: false,
          groups: [
            { name: 'controls', test: /kit\/src\/(ui\/(Button|Field)\.|text\/ago)/ },
            {
              name: 'later',
              test: /parts\/(Confirm|Count|Tick)\.|club\/instants|events\/api|rules\/opening|text\/moments/,
            },
          ],
        },
      },
    },
  },
  worker: { format: 'es' },
  plugins: [
    svelte({ configFile: false, compilerOptions: { runes: true } }),
    VitePWA({
      strategies: 'injectManifest',
      // globPatterns lists them already; twice in the list is twice fetched (the manifest is added by itself).
      includeManifestIcons: false,
      srcDir: 'src',
      filename: 'sw.ts',
      registerType: 'prompt',
      injectRegister: null,
      manifest: {
        id: '/pass/',
        start_url: '/pass/',
        scope: '/pass/',
        name: 'Estran, pass ambassadeur',
        short_name: 'Estran',
        description: 'Le pass des ambassadeurs du territoire.',
        lang: 'fr',
        dir: 'ltr',
        display: 'standalone',
        background_color: '#fbf8f2',
        theme_color: '#06323f',
        icons: [
          { src: 'icon-192.png', sizes: '192x192', type: 'image/png', purpose: 'any' },
          { src: 'icon-512.png', sizes: '512x512', type: 'image/png', purpose: 'any' },
          { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
        ],
      },
      injectManifest: {
        globPatterns: ['**/*.{js,css,html,svg,png,wasm,woff2,mp3}'],
        // Headroom: the decoder (.wasm) is 0.95 MB and must be there offline.
        maximumFileSizeToCacheInBytes: 4e6,
        manifestTransforms: [withSums(`${import.meta.dirname}/../server/estran/static/pass`)],
        // Workers run in module-less scopes on older Safari.
        rollupFormat: 'iife',
      },
    }),
  ],
});

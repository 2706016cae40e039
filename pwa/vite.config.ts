import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { VitePWA } from 'vite-plugin-pwa';
import { withSums } from '../kit/src/offline/sums';

// The oldest browsers served: what a phone of 2018 can still be brought to.
const oldest = ['es2020', 'safari15.6', 'chrome90', 'ios15.6'];

/** The app's own code runs only once the first code is painted (src/main.ts): it is fetched meanwhile. */
const preloadStart: Plugin = {
  name: 'preload-start',
  transformIndexHtml: (html, { bundle = {} }) =>
    Object.values(bundle)
      .filter((file) => file.type === 'chunk' && file.name === 'start')
      .map(({ fileName }) => ({
        tag: 'link',
        attrs: { rel: 'modulepreload', crossorigin: true, href: `/pass/${fileName}` },
        injectTo: 'head' as const,
      })),
};

export default defineConfig({
  base: '/pass/',
  build: {
    target: oldest,
    cssTarget: oldest.slice(1),
    outDir: '../server/estran/static/pass',
    emptyOutDir: true,
    // The content security policy allows no inline data.
    assetsInlineLimit: 0,
  },
  worker: { format: 'es' },
  plugins: [
    preloadStart,
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

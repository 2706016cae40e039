import js from '@eslint/js';
import prettier from 'eslint-config-prettier';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/** Rules never touch the world: what they need is handed to them (time, keys, chance). */
const world = [
  'window',
  'document',
  'navigator',
  'location',
  'localStorage',
  'sessionStorage',
  'indexedDB',
  'fetch',
  'setTimeout',
  'setInterval',
  'performance',
  'Worker',
  'BroadcastChannel',
];

export default ts.config(
  { ignores: ['**/node_modules/', 'server/', 'build/', 'dist/', 'var/', '.venv/'] },
  js.configs.recommended,
  ts.configs.strict,
  svelte.configs.recommended,
  prettier,
  svelte.configs.prettier,
  {
    languageOptions: { globals: { ...globals.browser, ...globals.serviceworker } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/no-invalid-void-type': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] } },
    rules: {
      'svelte/no-at-html-tags': 'error',
      'svelte/button-has-type': 'error',
      'svelte/no-target-blank': 'error',
      // Our own router is a hash; there is no SvelteKit to resolve addresses.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['kit/src/rules/**'],
    rules: {
      'no-restricted-globals': ['error', ...world],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'time is handed in' },
        { object: 'Math', property: 'random', message: 'chance is handed in' },
      ],
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: [
                'svelte',
                'svelte/*',
                '@estran/*',
                '../net/*',
                '../store/*',
                '../offline/*',
                '../ui/*',
                '../text/*',
              ],
            },
          ],
        },
      ],
    },
  },
  {
    files: ['kit/src/**'],
    ignores: ['kit/src/rules/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [{ group: ['@estran/*', '**/pwa/*', '**/partners/*'] }] }],
    },
  },
  {
    files: ['pwa/**', 'partners/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [{ group: ['@estran/pwa*', '@estran/partners*', '**/../partners/**', '**/../pwa/**'] }] },
      ],
    },
  },
  {
    files: ['*.js', '**/*.config.{js,ts}', '**/test/**'],
    languageOptions: { globals: globals.node },
    // A test says `!` where a missing value would fail it anyway.
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  { files: ['tools/**'], languageOptions: { globals: globals.node }, rules: { 'no-console': 'off' } },
);

/** Apart, so that the bundler sees the one spelling it knows. */
export function spawnDecoder(): Worker {
  return new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });
}

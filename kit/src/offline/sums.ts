/** For the builds of both apps: each file in the service worker's list says what it holds (offline/worker). */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

interface Listed {
  url: string;
  sha256?: string;
}

/** A transformation of the list (workbox's `manifestTransforms`) for a build that lies in `folder`. */
export function withSums(folder: string): <T extends Listed>(list: T[]) => Promise<{ manifest: T[] }> {
  return async (list) => ({
    manifest: await Promise.all(
      list.map(async (file) => ({
        ...file,
        sha256: createHash('sha256')
          .update(await readFile(join(folder, file.url)))
          .digest('base64'),
      })),
    ),
  });
}

/** Reads QR codes off the page's thread. Its code and its wasm come from this very site and are kept offline. */
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url';
import { prepareZXingModule, readBarcodes, type ReaderOptions } from 'zxing-wasm/reader';

/** One picture of one scan; `scan` comes back with the answer, so that a late answer is never another visitor's. */
export interface Frame {
  readonly scan: number;
  readonly image: ImageData;
}

export type Reply = { readonly ready: boolean } | { readonly scan: number; readonly text: string | null };

interface WorkerSelf {
  onmessage: ((event: MessageEvent<Frame>) => void) | null;
  postMessage(reply: Reply): void;
}

const worker = globalThis as unknown as WorkerSelf;

// tryDownscale is what reads dim and striped screens; the other efforts gained nothing and cost time
const options: ReaderOptions = {
  formats: ['QRCode'],
  tryHarder: false,
  tryRotate: false,
  tryInvert: false,
  tryDownscale: true,
  maxNumberOfSymbols: 1,
};

prepareZXingModule({
  overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path) },
  fireImmediately: true,
}).then(
  () => worker.postMessage({ ready: true }),
  () => worker.postMessage({ ready: false }),
);

worker.onmessage = async ({ data: { scan, image } }) => {
  worker.postMessage({ scan, text: await textIn(image) });
};

async function textIn(image: ImageData): Promise<string | null> {
  try {
    return (await readBarcodes(image, options)).find(({ isValid }) => isValid)?.text ?? null;
  } catch {
    return null;
  }
}

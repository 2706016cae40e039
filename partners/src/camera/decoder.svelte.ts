/** The page's side of the decoder: one worker for the life of the page, one frame at a time. */
import type { Frame, Reply } from './decode.worker';
import { spawnDecoder } from './spawn';

export type DecoderState = 'waiting' | 'ready' | 'broken';

export class Decoder {
  #state = $state<DecoderState>('waiting');
  #worker: Worker | null = null;
  #scan = 0;
  #answer: ((text: string | null) => void) | null = null;

  get state(): DecoderState {
    return this.#state;
  }

  /** Fetches and starts the decoder. Called early, so that it is there (and kept) before the first visitor. */
  start(): void {
    if (this.#worker) return;
    try {
      this.#worker = spawnDecoder();
    } catch {
      this.#state = 'broken';
      return;
    }
    this.#worker.onmessage = ({ data }: MessageEvent<Reply>) => this.#take(data);
    this.#worker.onerror = () => this.#break();
  }

  /** The number under which the frames of one scan go; frames of earlier ones are then worth nothing. */
  begin(): number {
    this.#scan += 1;
    this.#answer?.(null);
    this.#answer = null;
    return this.#scan;
  }

  /** The text in a frame, or null. The picture is handed over, not copied. */
  read(scan: number, image: ImageData): Promise<string | null> {
    const worker = this.#worker;
    if (!worker || scan !== this.#scan || this.#state === 'broken') return Promise.resolve(null);
    return new Promise((resolve) => {
      this.#answer = resolve;
      worker.postMessage({ scan, image } satisfies Frame, [image.data.buffer]);
    });
  }

  #take(reply: Reply): void {
    if ('ready' in reply) {
      this.#state = reply.ready ? 'ready' : 'broken';
    } else if (reply.scan === this.#scan) {
      this.#answer?.(reply.text);
      this.#answer = null;
    }
  }

  #break(): void {
    this.#state = 'broken';
    this.#worker?.terminate();
    this.#worker = null;
    this.#answer?.(null);
    this.#answer = null;
  }
}

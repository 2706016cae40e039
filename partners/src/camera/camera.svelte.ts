/**
 * The camera while somebody scans, and only then. It stops at the first code read, when the page is hidden and when the
 * screen closes; each opening has its own number, and whatever arrives late for an earlier one is dropped.
 */
import { names } from '../names';
import type { Decoder } from './decoder.svelte';

export type CameraState = 'off' | 'starting' | 'on' | 'refused' | 'absent' | 'busy';

/** `torch` is not in the browser types: Android has it. */
type TorchCapabilities = MediaTrackCapabilities & { torch?: boolean };
type TorchConstraint = MediaTrackConstraintSet & { torch: boolean };

const LACKS = names.of('no-camera');

export class Camera {
  /** A computer without camera says so at once, instead of showing a frame that goes away. */
  #lacks = remembered();
  #state = $state<CameraState>(this.#lacks ? 'absent' : 'off');
  #torch = $state<'none' | 'off' | 'on'>('none');
  #turn = 0;
  #stream: MediaStream | null = null;
  readonly #decoder: Decoder;
  readonly #canvas = document.createElement('canvas');

  constructor(decoder: Decoder) {
    this.#decoder = decoder;
  }

  get state(): CameraState {
    return this.#state;
  }

  get torch(): 'none' | 'off' | 'on' {
    return this.#torch;
  }

  /** Opens the camera into `video` and calls `onText` with each code read, until it answers true or `stop`. */
  async start(video: HTMLVideoElement, onText: (text: string) => boolean): Promise<void> {
    this.stop();
    this.#turn += 1;
    const turn = this.#turn;
    this.#state = this.#lacks ? 'absent' : 'starting';
    this.#decoder.start();
    const stream = await this.#open();
    this.#lacks = stream === 'absent';
    remember(this.#lacks);
    if (typeof stream === 'string' || turn !== this.#turn) {
      if (typeof stream !== 'string') stopTracks(stream);
      else if (turn === this.#turn) this.#state = stream;
      return;
    }
    this.#stream = stream;
    video.srcObject = stream;
    await video.play().catch(() => undefined);
    if (turn !== this.#turn) return;
    this.#state = 'on';
    this.#torch = hasTorch(stream) ? 'off' : 'none';
    stream.getVideoTracks()[0]?.addEventListener('ended', () => turn === this.#turn && this.stop());
    void this.#watch(video, turn, onText);
  }

  stop(): void {
    this.#turn += 1;
    if (this.#stream) stopTracks(this.#stream);
    this.#stream = null;
    this.#state = this.#lacks ? 'absent' : 'off';
    this.#torch = 'none';
  }

  async switchTorch(): Promise<void> {
    const track = this.#stream?.getVideoTracks()[0];
    if (!track || this.#torch === 'none') return;
    const torch = this.#torch === 'off';
    try {
      await track.applyConstraints({ advanced: [{ torch } as TorchConstraint] });
      this.#torch = torch ? 'on' : 'off';
    } catch {
      this.#torch = 'none';
    }
  }

  async #open(): Promise<MediaStream | 'refused' | 'absent' | 'busy'> {
    const devices = navigator.mediaDevices as MediaDevices | undefined;
    if (!devices) return 'absent';
    try {
      return await devices.getUserMedia({
        audio: false,
        video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 } },
      });
    } catch (reason) {
      const name = reason instanceof DOMException ? reason.name : '';
      if (name === 'NotAllowedError' || name === 'SecurityError') return 'refused';
      return name === 'NotReadableError' || name === 'AbortError' ? 'busy' : 'absent';
    }
  }

  async #watch(video: HTMLVideoElement, turn: number, onText: (text: string) => boolean): Promise<void> {
    const scan = this.#decoder.begin();
    while (turn === this.#turn) {
      await nextFrame(video);
      const image = turn === this.#turn ? this.#grab(video) : null;
      const text = image && (await this.#decoder.read(scan, image));
      if (turn !== this.#turn) return;
      if (text && onText(text)) return this.stop();
    }
  }

  /** The middle square of the picture: what the frame on the screen shows. */
  #grab(video: HTMLVideoElement): ImageData | null {
    const side = Math.min(video.videoWidth, video.videoHeight);
    const paper = this.#canvas.getContext('2d', { willReadFrequently: true });
    if (side === 0 || !paper) return null;
    if (this.#canvas.width !== side) this.#canvas.width = this.#canvas.height = side; // new memory: only when it must be
    const left = (video.videoWidth - side) / 2;
    const top = (video.videoHeight - side) / 2;
    paper.drawImage(video, left, top, side, side, 0, 0, side, side);
    return paper.getImageData(0, 0, side, side);
  }
}

function remembered(): boolean {
  try {
    return localStorage.getItem(LACKS) === 'true';
  } catch {
    return false;
  }
}

function remember(lacks: boolean): void {
  try {
    if (lacks) localStorage.setItem(LACKS, 'true');
    else localStorage.removeItem(LACKS);
  } catch {
    // storage is refused: the frame is shown first
  }
}

/** Waits for a new picture; where the browser cannot tell, for a moment. A stuck video does not stop the loop. */
function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 'requestVideoFrameCallback' in video ? 500 : 66);
    if ('requestVideoFrameCallback' in video) {
      video.requestVideoFrameCallback(() => {
        clearTimeout(timer);
        resolve();
      });
    }
  });
}

function hasTorch(stream: MediaStream): boolean {
  const track = stream.getVideoTracks()[0];
  const capabilities = track?.getCapabilities?.() as TorchCapabilities | undefined;
  return capabilities?.torch === true;
}

function stopTracks(stream: MediaStream): void {
  stream.getTracks().forEach((track) => track.stop());
}

/**
 * Draws a pass's QR: the address in byte mode, the digits in numeric mode (docs/pass-format.md §2.2), level L.
 * Mixed so, the worst pass stays at version 11, which a cheap camera reads from an arm's length.
 */
import { correction, generate, mode, type Bitmap2D } from 'lean-qr';

export interface QrDrawing {
  /** `d` of one SVG path, one unit per module, without the quiet zone. */
  readonly path: string;
  /** Modules a side. */
  readonly size: number;
}

/** Modules of white that ISO/IEC 18004 asks for around the code. */
export const QUIET_ZONE = 4;

/** The text a scanner reads: `<iss>/scan/#<digits>`. */
export function passAddress(iss: string, digits: string): string {
  return `${iss}/scan/#${digits}`;
}

export function drawPass(iss: string, digits: string): QrDrawing {
  const code = generate(mode.multi(mode.ascii(passAddress(iss, '')), mode.numeric(digits)), {
    minCorrectionLevel: correction.L,
    maxCorrectionLevel: correction.L,
  });
  return { path: pathOf(code), size: code.size };
}

/**
 * One rectangle per run of dark modules. Tracing outlines instead (lean-qr's own `toSvgPath`) gives a path as long, and
 * takes 26 ms where this takes one: on a slow phone, a tenth of a second of the time to show the pass.
 */
function pathOf(code: Bitmap2D): string {
  let path = '';
  for (let y = 0; y < code.size; y += 1) {
    for (let x = 0; x < code.size; x += 1) {
      const start = x;
      while (code.get(x, y)) x += 1;
      if (x > start) path += `M${start} ${y}h${x - start}v1h${start - x}z`;
    }
  }
  return path;
}

/** The QR version of a drawing of `size` modules. */
export function qrVersion(size: number): number {
  return (size - 17) / 4;
}

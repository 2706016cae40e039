/**
 * Draws a pass's QR: the address in byte mode, the digits in numeric mode (docs/pass-format.md §2.2), level L.
 * Mixed so, the worst pass stays at version 11, which a cheap camera reads from an arm's length.
 */
import { correction, generate, mode } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';

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
  return { path: toSvgPath(code), size: code.size };
}

/** The QR version of a drawing of `size` modules. */
export function qrVersion(size: number): number {
  return (size - 17) / 4;
}

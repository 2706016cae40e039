/** The answer for ears and hands: never the only way it is told. Sounds need a first touch, as browsers demand. */
import type { Answer } from '@estran/kit/rules/reasons';
import type { Settings } from './vault';

/** [frequency in Hz, start in s, length in s]. */
const SOUNDS: Record<Answer, readonly (readonly [number, number, number])[]> = {
  admit: [[1318, 0, 0.18]],
  ask: [
    [740, 0, 0.14],
    [554, 0.18, 0.2],
  ],
  refuse: [[185, 0, 0.45]],
};

const BUZZES: Record<Answer, number[]> = { admit: [60], ask: [80, 90, 80], refuse: [300] };

let audio: AudioContext | null = null;

/** To be called on any touch or key: only then may sound begin. */
export function unlockSound(): void {
  try {
    audio ??= new AudioContext();
    if (audio.state !== 'running') void audio.resume().catch(() => undefined);
  } catch {
    // no sound here
  }
}

export function signal(answer: Answer, { sound, vibration }: Settings): void {
  if (vibration && 'vibrate' in navigator) navigator.vibrate(BUZZES[answer]);
  if (sound && audio?.state === 'running') SOUNDS[answer].forEach((tone) => play(audio as AudioContext, tone));
}

function play(context: AudioContext, [frequency, start, length]: readonly [number, number, number]): void {
  const from = context.currentTime + start;
  const tone = context.createOscillator();
  const volume = context.createGain();
  tone.frequency.value = frequency;
  tone.type = frequency < 300 ? 'sawtooth' : 'sine';
  volume.gain.setValueAtTime(0.0001, from);
  volume.gain.exponentialRampToValueAtTime(0.35, from + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, from + length);
  tone.connect(volume).connect(context.destination);
  tone.start(from);
  tone.stop(from + length + 0.05);
}

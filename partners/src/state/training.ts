/** Training codes: `<iss>/scan/#train=<case>`, as the training sheet shows them. They never give anything. Pure. */
const MARK = '/scan/#train=';

export function trainingAddress(iss: string, one: string): string {
  return iss + MARK + one;
}

/** Which case `text` asks for; null when it is no training code. */
export function trainingIn(text: string): string | null {
  const [, one] = text.trim().split(MARK);
  return one ?? null;
}

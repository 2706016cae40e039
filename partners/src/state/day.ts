/** Days in the club's time zone. Pure. */

/** The local day `YYYY-MM-DD` of an instant. */
export function localDay(atMs: number, zone: string): string {
  const parts = new Map(
    formatterOf(zone)
      .formatToParts(new Date(atMs))
      .map((part) => [part.type, part.value]),
  );
  return `${parts.get('year') ?? ''}-${parts.get('month') ?? ''}-${parts.get('day') ?? ''}`;
}

export function yearOf(day: string): number {
  return Number(day.slice(0, 4));
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(zone: string): Intl.DateTimeFormat {
  let made = formatters.get(zone);
  if (!made) {
    const options = { year: 'numeric', month: '2-digit', day: '2-digit', calendar: 'gregory' } as const;
    try {
      made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
    } catch {
      made = new Intl.DateTimeFormat('en-GB', options); // a zone this browser does not know
    }
    formatters.set(zone, made);
  }
  return made;
}

/** "14:32" for an instant, in the zone. */
export function hourOf(atMs: number, zone: string): string {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  try {
    return new Intl.DateTimeFormat('fr-FR', { ...options, timeZone: zone }).format(new Date(atMs));
  } catch {
    return new Intl.DateTimeFormat('fr-FR', options).format(new Date(atMs));
  }
}

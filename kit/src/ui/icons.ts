/** One path per icon, drawn on 24 × 24 with a 2-unit line. */
export const ICONS = {
  pass: 'M5 3h14a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H5a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2ZM7 7h4v4H7zM14 7h3M14 11h3M7 15h3M7 17h1M13 15h4v2h-4z',
  gift: 'M4 11h16v9a1 1 0 0 1-1 1H5a1 1 0 0 1-1-1ZM3 7h18v4H3ZM12 7v14M12 7C9 7 7 6 7 4.5S9 2 12 7ZM12 7c3 0 5-1 5-2.5S15 2 12 7Z',
  person: 'M12 12a4.5 4.5 0 1 0 0-9 4.5 4.5 0 0 0 0 9ZM4 21c.6-4 3.8-6 8-6s7.4 2 8 6',
  calendar: 'M4 5h16v16H4ZM4 10h16M8 2.5v5M16 2.5v5',
  info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 11v5M12 7.5v.01',
  good: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8 12.5l2.7 2.7L16 9.5',
  care: 'M12 3 2.5 20h19ZM12 10v4.5M12 17.2v.01',
  stop: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM9 9l6 6M15 9l-6 6',
  pause: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM10 9v6M14 9v6',
  phone: 'M8 2h8a2 2 0 0 1 2 2v16a2 2 0 0 1-2 2H8a2 2 0 0 1-2-2V4a2 2 0 0 1 2-2ZM11 18.5h2',
  letter: 'M3 6h18v13H3ZM3 7l9 7 9-7',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM12 7v5l3.5 2',
  share: 'M12 15V3M8 6.5 12 3l4 3.5M6 11H5v10h14V11h-1',
} as const;

export type IconName = keyof typeof ICONS;

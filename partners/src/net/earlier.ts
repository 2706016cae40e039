/**
 * News as versions before benefits had terms have kept them, in today's shape: a scanner that is renewed where there is no
 * network goes on by what it knew. What is left is narrowed by whoever asks (`net/read`). Pure.
 */
type Json = Readonly<Record<string, unknown>>;

export function inTodaysShape(json: unknown): unknown {
  const { venue, benefits, used, usedYear, ...rest } = object(json);
  if (!Array.isArray(benefits)) return null;
  const [first, last] = [`${String(usedYear)}-01-01`, `${String(usedYear)}-12-31`];
  const uses = Object.entries(object(used)).map(([id, counts]) => [id, { first, last, counts }] as const);
  return {
    ...rest,
    venue: { ...object(venue), closures: [] },
    benefits: benefits.map((one) => benefitIn(object(one))),
    uses: Object.fromEntries(uses),
  };
}

function benefitIn({ id, version, minPayingCompanions, quotaPerYear, sentence }: Json): Json {
  const quota = quotaPerYear === null ? null : { n: quotaPerYear, per: 'year', scope: 'benefit', groupId: null };
  return { id, version, terms: { minPayingCompanions, quota }, entitled: null, desk: sentence, give: sentence };
}

function object(json: unknown): Json {
  return typeof json === 'object' && json !== null ? (json as Json) : {};
}

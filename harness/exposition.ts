/** One line of Prometheus' text format. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export function parseExposition(text: string): Series[] {
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const match = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (match === null) throw new Error(`not a line of the text format: ${line}`);
      const [, name = '', labels = '', value = ''] = match;
      const pairs = [...labels.matchAll(/([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\.)*)"/g)];
      return {
        name,
        labels: Object.fromEntries(pairs.map(([, key = '', quoted = '']) => [key, quoted])),
        value: Number(value.replace('+Inf', 'Infinity')),
      };
    });
}

/** The series of one metric, without those a histogram adds to its name. */
export function seriesOf(text: string, name: string): Series[] {
  return parseExposition(text).filter((series) => series.name === name);
}

export function numberOf(text: string, name: string, labels: Record<string, string> = {}): number | undefined {
  return seriesOf(text, name).find((series) =>
    Object.entries(labels).every(([label, value]) => series.labels[label] === value),
  )?.value;
}

/** Names and label sets as one sorted list, `_bucket`, `_sum` and `_count` folded into the histogram they belong to. */
export function identitiesOf(text: string): string[] {
  const histograms = new Set([...text.matchAll(/^# TYPE (\S+) histogram$/gm)].map(([, name]) => name));
  const identities = parseExposition(text).map(({ name, labels: { le: _le, ...labels } }) => {
    const family = name.replace(/_(bucket|sum|count)$/, '');
    return identityOf(histograms.has(family) ? family : name, labels);
  });
  return [...new Set(identities)].sort();
}

export function identityOf(name: string, labels: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(labels).sort(([a], [b]) => a.localeCompare(b));
  return `${name}{${sorted.map(([label, value]) => `${label}="${value}"`).join(',')}}`;
}

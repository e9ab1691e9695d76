/** A family as Prometheus' text format 0.0.4 holds it. */
export interface MetricFamily {
  name: string;
  type: string;
  help: string;
  samples: { name: string; labels: Record<string, string>; value: number }[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const LABEL = String.raw`([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"`;
const SAMPLE = new RegExp(String.raw`^(${NAME})(?:\{((?:${LABEL},?)*)\})? (\S+)$`);
const SUFFIXES: Record<string, string[]> = { histogram: ['_bucket', '_sum', '_count'], summary: ['', '_sum', '_count'] };

/**
 * Reads an exposition by the rules of the format, and throws where it breaks one: a family told twice, a sample outside of its family,
 * the same sample twice, a value that is no number, buckets that shrink or do not end at the count.
 */
export function parsePrometheusText(text: string): Map<string, MetricFamily> {
  if (!text.endsWith('\n')) throw new Error('the last line does not end');
  const families = new Map<string, MetricFamily>();
  let family: MetricFamily | undefined;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, keyword, name = '', rest = ''] = new RegExp(`^# (HELP|TYPE) (${NAME}) ?(.*)$`).exec(line) ?? [];
    if (keyword !== undefined) {
      if (family?.name !== name) {
        if (families.has(name)) throw new Error(`${name} is told twice`);
        family = { name, type: 'untyped', help: '', samples: [] };
        families.set(name, family);
      }
      if (keyword === 'TYPE') family.type = rest;
      else family.help = rest;
    } else if (!line.startsWith('#')) {
      if (family === undefined) throw new Error(`no family before: ${line}`);
      family.samples.push(readSample(line, family));
    }
  }
  for (const each of families.values()) checkFamily(each);
  return families;
}

function readSample(line: string, family: MetricFamily): MetricFamily['samples'][0] {
  const match = SAMPLE.exec(line);
  if (match === null) throw new Error(`no sample: ${line}`);
  const [, name = '', labelText = ''] = match;
  const number = match.at(-1) ?? '';
  const value = /^[+-]Inf$/.test(number) ? Number(`${number}inity`) : Number(number);
  if (Number.isNaN(value) && number !== 'NaN') throw new Error(`no number: ${line}`);
  if (!(SUFFIXES[family.type] ?? ['']).some((suffix) => name === `${family.name}${suffix}`))
    throw new Error(`not of ${family.name}: ${line}`);
  const labels = [...labelText.matchAll(new RegExp(LABEL, 'g'))].map(([, label = '', text = '']): [string, string] => [label, text]);
  return { name, labels: Object.fromEntries(labels), value };
}

function checkFamily({ name, type, samples }: MetricFamily): void {
  const seen = new Set(samples.map((sample) => `${sample.name} ${toKey(sample.labels)}`));
  if (seen.size < samples.length) throw new Error(`${name} tells a sample twice`);
  if (type !== 'histogram') return;
  const series = Map.groupBy(samples, ({ labels }) => toKey(labels, 'le'));
  for (const [labels, of] of series) {
    const buckets = of.filter((sample) => sample.name.endsWith('_bucket'));
    const count = of.find((sample) => sample.name.endsWith('_count'))?.value;
    const shrinks = buckets.some(({ value }, at) => value < (buckets[at - 1]?.value ?? 0));
    if (shrinks || buckets.at(-1)?.labels['le'] !== '+Inf' || buckets.at(-1)?.value !== count)
      throw new Error(`buckets of ${name}${labels}`);
  }
}

/** Labels in the order of their names, without one of them. */
function toKey(labels: Record<string, string>, without?: string): string {
  const names = Object.keys(labels).filter((name) => name !== without);
  return JSON.stringify(names.toSorted((a, b) => (a < b ? -1 : 1)).map((name) => [name, labels[name]]));
}

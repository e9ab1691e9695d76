export interface Bar {
  label: string;
  value: number;
  /** Ends of a whisker. */
  interval?: readonly [number, number] | undefined;
}

export interface Panel {
  title: string;
  /** Written after each value. */
  unit: string;
  bars: readonly Bar[];
}

const WIDTH = 720;
const LABEL_WIDTH = 230;
const VALUE_WIDTH = 80;
const ROW = 22;
const HEAD = 34;

/** Panels of horizontal bars, one below the other, as an SVG document. Each panel has a scale of its own, from zero. */
export function plotBars(panels: readonly Panel[]): string {
  const drawn = panels.filter(({ bars }) => bars.length > 0);
  const tops = drawn.map((_, index) => drawn.slice(0, index).reduce((sum, { bars }) => sum + HEAD + bars.length * ROW, 0));
  const height = drawn.reduce((sum, { bars }) => sum + HEAD + bars.length * ROW, 12);
  const body = drawn.map((panel, index) => plotPanel(panel, tops[index] ?? 0)).join('\n');
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    body,
    '</svg>\n',
  ].join('\n');
}

function plotPanel({ title, unit, bars }: Panel, top: number): string {
  const largest = Math.max(...bars.map(({ value, interval }) => Math.max(value, interval?.[1] ?? 0)), Number.MIN_VALUE);
  const x = (value: number): string => (LABEL_WIDTH + (value / largest) * (WIDTH - LABEL_WIDTH - VALUE_WIDTH)).toFixed(1);
  const rows = bars.map(({ label, value, interval }, index) => {
    const middle = top + HEAD + index * ROW + ROW / 2;
    const whisker =
      interval === undefined ? '' : `<path d="M${x(interval[0])} ${middle}H${x(interval[1])}" stroke="#222" stroke-width="2"/>`;
    const end = Math.max(value, interval?.[1] ?? 0);
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(label)}</text>`,
      `<rect x="${LABEL_WIDTH}" y="${middle - 7}" width="${(Number(x(value)) - LABEL_WIDTH).toFixed(1)}" height="14" fill="${label.startsWith('Lectern') ? '#2563a8' : '#a9b4c0'}"/>`,
      whisker,
      `<text x="${Number(x(end)) + 6}" y="${middle + 4}">${value.toFixed(1)}${escapeXml(unit)}</text>`,
    ].join('');
  });
  return [`<text x="12" y="${top + 22}" font-weight="bold">${escapeXml(title)}</text>`, ...rows].join('\n');
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

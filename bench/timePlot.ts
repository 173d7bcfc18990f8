export type Series = { name: string; points: readonly { x: number; y: number }[] };

const WIDTH = 900;
const ROW = 90;
const LEFT = 150;
const TOP = 40;
const INK = '#334155';
const LINE = '#2563eb';

/** A plot as SVG: one row a series, each with its own scale from zero, over a common axis of seconds. */
export function timePlot(title: string, series: readonly Series[]): string {
  const seconds = Math.max(1, ...series.flatMap(({ points }) => points.map(({ x }) => x)));
  const height = TOP + series.length * ROW + 30;
  const rows = series.map((each, i) => row(each, TOP + i * ROW, seconds)).join('\n');
  const ticks = Array.from({ length: Math.floor(seconds / 60) + 1 }, (_, minute) => {
    const x = LEFT + ((WIDTH - LEFT - 20) * minute * 60) / seconds;
    return `<text x="${x.toFixed(0)}" y="${height - 10}" text-anchor="middle">${minute} min</text>`;
  }).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="12" fill="${INK}">
<title>${title}</title>
<rect width="${WIDTH}" height="${height}" fill="white"/>
<text x="${LEFT}" y="22" font-size="15">${title}</text>
${rows}
${ticks}
</svg>
`;
}

function row({ name, points }: Series, top: number, seconds: number): string {
  const highest = Math.max(1e-9, ...points.map(({ y }) => y));
  const bottom = top + ROW - 20;
  const place = ({ x, y }: { x: number; y: number }) =>
    `${(LEFT + ((WIDTH - LEFT - 20) * x) / seconds).toFixed(1)},${(bottom - ((ROW - 30) * y) / highest).toFixed(1)}`;
  const last = points.at(-1)?.y ?? 0;
  return `<text x="10" y="${top + 30}">${name}</text><text x="10" y="${top + 46}">max ${highest.toFixed(1)}, last ${last.toFixed(1)}</text>
<line x1="${LEFT}" y1="${bottom}" x2="${WIDTH - 20}" y2="${bottom}" stroke="#cbd5e1"/>
<polyline fill="none" stroke="${LINE}" stroke-width="1.5" points="${points.map(place).join(' ')}"/>`;
}

/** The results of a run, as Markdown and as a chart. */
import { arch, cpus, platform, release, totalmem } from "node:os";
import { goals, type Results } from "./goals.ts";

export function format(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return "–";
  return value.toLocaleString("en-US", value >= 100 ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: 3 });
}

function table(header: readonly string[], rows: ReadonlyArray<readonly string[]>): string {
  return [header, header.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

export function machine(versions: Readonly<Record<string, string>>): string {
  const [cpu] = cpus();
  const memory = Math.round(totalmem() / 2 ** 30);
  const runtimes = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cpus().length} × ${cpu?.model.trim()}, ${memory} GiB, ${platform()} ${release()} ${arch()}; ${runtimes.join(", ")}`;
}

export function goalRows(results: Results): string[][] {
  return goals.map(({ goal, value, unit, met, otherwise }) => {
    const number = value(results);
    if (Number.isNaN(number)) return [goal, "–", "not measured"];
    return [goal, `${format(number)} ${unit}`, met(number) ? "met" : `not met. ${otherwise ?? ""}`.trim()];
  });
}

export function markdown(results: Results, about: string): string {
  const parts = Object.entries(results).map(([part, rows]) => {
    const columns = [...new Set(Object.values(rows).flatMap(Object.keys))];
    const body = Object.entries(rows).map(([name, row]) => [name, ...columns.map((column) => format(row[column]))]);
    return `## ${part}\n\n${table(["", ...columns], body)}\n`;
  });
  return `# Measurements

Written by \`npm run bench\`: no number here is typed by hand. Everything in a table was measured in one run, side by side:
compare the rows, not the numbers with those of another machine.

${about}

![A call in process](chart.svg)

## Goals

${table(["goal", "got", ""], goalRows(results))}

${parts.join("\n")}`;
}

const BAR = 22;
const LEFT = 240;
const WIDTH = 720;

/** The first part as bars. */
export function chart(results: Results): string {
  const rows = Object.entries(results["call on Node"] ?? {}).map(([name, row]) => ({ name, value: row.µs ?? 0 }));
  const longest = Math.max(...rows.map(({ value }) => value));
  const bars = rows.map(({ name, value }, i) => {
    const y = 40 + i * (BAR + 8);
    const width = Math.round((value / longest) * (WIDTH - LEFT - 90));
    const fill = name.startsWith("engagelab-ma") ? "#2f6fde" : "#9aa4b2";
    return `  <text x="${LEFT - 8}" y="${y + 16}" text-anchor="end">${name}</text>
  <rect x="${LEFT}" y="${y}" width="${width}" height="${BAR}" rx="3" fill="${fill}"/>
  <text x="${LEFT + width + 6}" y="${y + 16}">${format(value)} µs</text>`;
  });
  const height = 50 + rows.length * (BAR + 8);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="µs for a call in process on Node">
  <style>text { font: 14px system-ui, sans-serif; fill: #57606a }</style>
  <text x="0" y="20">A call in process on Node, µs (shorter is better)</text>
${bars.join("\n")}
</svg>
`;
}

/** Shows progress on stderr: a bar on a terminal, otherwise a line every few seconds. */
import { SingleBar } from "cli-progress";
import type { Tally } from "./tally.ts";

const BAR_MS = 200;
const LINE_MS = 5_000;

/**
 * @param length length of the file's text, in UTF-16 code units
 * @returns a function that stops it
 */
export function showProgress(tally: Tally, length: number): () => void {
  const started = performance.now();
  function describe() {
    const seconds = (performance.now() - started) / 1000;
    const advanced = tally.position - tally.start;
    const left = advanced > 0 ? formatSeconds((seconds / advanced) * (length - tally.position)) : "?";
    return { rows: tally.rows, failed: tally.failed, rate: Math.round(tally.finished / seconds), left };
  }

  if (process.stderr.isTTY) {
    const bar = new SingleBar({
      format: "{bar} {percentage} % | {rows} rows, {failed} failed | {rate} rows/s, {left} left",
      clearOnComplete: true,
    });
    bar.start(Math.max(1, length), 0, describe());
    const timer = setInterval(() => bar.update(tally.position, describe()), BAR_MS);
    return () => {
      clearInterval(timer);
      bar.update(tally.position, describe());
      bar.stop();
    };
  }
  const timer = setInterval(() => {
    const { rows, failed, rate, left } = describe();
    const percentage = Math.floor((tally.position * 100) / Math.max(1, length));
    console.error(`${percentage} %: ${rows} rows, ${failed} failed, ${rate} rows/s, ${left} left`);
  }, LINE_MS);
  return () => clearInterval(timer);
}

function formatSeconds(total: number): string {
  const seconds = Math.ceil(total);
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`;
}

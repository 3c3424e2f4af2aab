/** The answers of test/contract/odd-answers.ts, as bytes on the wire. */
import { gzipSync } from "node:zlib";
import type { OddAnswer } from "../contract/odd-answers.ts";

const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\naccess-control-allow-origin: *\r\nconnection: close";
const LARGE = "x".repeat(10_000_000);

function chunk(text: string): string {
  return `${text.length.toString(16)}\r\n${text}\r\n`;
}

function gzipBomb(): Buffer {
  const body = gzipSync(LARGE);
  return Buffer.concat([
    Buffer.from(`${HEAD}\r\ncontent-encoding: gzip\r\ncontent-length: ${body.length}\r\n\r\n`),
    body,
  ]);
}

export const ODD_ANSWERS: Record<OddAnswer, () => string | Buffer> = {
  "gzip bomb": gzipBomb,
  chunked: () =>
    `${HEAD}\r\ntransfer-encoding: chunked\r\n\r\n${['{"code":0,', '"message":', '"in chunks"}', ""].map(chunk).join("")}`,
  "contradictory lengths": () =>
    `${HEAD}\r\ncontent-length: 30\r\ntransfer-encoding: chunked\r\n\r\n${[LARGE, ""].map(chunk).join("")}`,
  "cut off": () => `${HEAD}\r\ntransfer-encoding: chunked\r\n\r\n${chunk('{"code":0,')}`,
  "cut off, with a length": () => `${HEAD}\r\ncontent-length: 100\r\n\r\n{"code":0,`,
};

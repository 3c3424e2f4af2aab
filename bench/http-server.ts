import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** How many calls came, at /count. */
let count = 0;

const server = createServer((request, response) => {
  if (request.url === "/count") return response.end(String(count));
  count++;
  request.resume();
  request.on("end", () => {
    response.setHeader("content-type", "application/json");
    response.end('{"code":0,"message":"success"}');
  });
}).listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
process.on("disconnect", () => process.exit());

/** The gateway without rate limits and logs: under wrangler a line of log goes through the inspector. */
console.log = () => {};

export * from "./gateway-unlimited.ts";
export { default } from "./gateway-unlimited.ts";

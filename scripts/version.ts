/** `npm run release:version`, after changesets has written package.json and CHANGELOG.md: JSR gets the same version. */
import { readFile, writeFile } from "node:fs/promises";

const { version } = JSON.parse(await readFile(new URL("../package.json", import.meta.url), "utf8"));
const jsr = new URL("../jsr.json", import.meta.url);
const text = await readFile(jsr, "utf8");
await writeFile(jsr, text.replace(/"version": "[^"]*"/, `"version": "${version}"`));

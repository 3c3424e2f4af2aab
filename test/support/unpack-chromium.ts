/** Run by chromium.ts: unpacks into the temporary folder of its environment. */
import chromium from "@sparticuz/chromium";

await chromium.executablePath();

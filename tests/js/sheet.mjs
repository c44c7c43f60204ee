// Many pages on one picture, to look at. Usage: node sheet.mjs OUT.png light|dark WIDTH FILE...
// RESIDENCY_CHROMIUM names the browser.
import { writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [out, colorScheme, width, ...files] = process.argv.slice(2);
const columns = Math.max(1, Math.floor(1900 / (width * 0.72)));
const frames = files.map((file) => `<iframe src="${pathToFileURL(resolve(file))}"></iframe>`);
const page_html = `<!DOCTYPE html><meta name="color-scheme" content="${colorScheme}"><style>
  body { margin: 0; zoom: .72; display: grid; gap: 12px; grid-template-columns: repeat(${columns}, ${width}px); background: #888; }
  iframe { width: ${width}px; height: ${width > 500 ? 800 : 900}px; border: 0; color-scheme: ${colorScheme}; }
</style>${frames.join("")}`;
const sheet = join(dirname(resolve(out)), `.sheet-${process.pid}.html`);
writeFileSync(sheet, page_html);
const browser = await chromium.launch({
  executablePath: process.env.RESIDENCY_CHROMIUM,
  args: ["--no-sandbox", "--allow-file-access-from-files"],
});
const context = await browser.newContext({ colorScheme, viewport: { width: 1920, height: 1000 } });
const page = await context.newPage();
await page.goto(pathToFileURL(sheet).href);
await page.waitForTimeout(500);
await page.screenshot({ path: out, fullPage: true });
await browser.close();

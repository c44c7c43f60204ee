// Checks pages by axe in Chromium, in light and dark, at 640 and 360 px. Usage: node axe.mjs FILE...
// RESIDENCY_CHROMIUM names the browser. Prints a list of faults, which is empty where all is well.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({
  executablePath: process.env.RESIDENCY_CHROMIUM,
  args: ["--no-sandbox"],
});
const faults = [];
for (const colorScheme of ["light", "dark"]) {
  for (const width of [640, 360]) {
    const context = await browser.newContext({ colorScheme, viewport: { width, height: 800 } });
    const page = await context.newPage();
    for (const path of process.argv.slice(2)) {
      await page.goto(pathToFileURL(resolve(path)).href);
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() => window.axe.run(document, {
        // The subject is a mail's heading, and the mail program shows it.
        rules: { "page-has-heading-one": { enabled: false } },
      }));
      const wide = await page.evaluate(() => document.documentElement.scrollWidth);
      if (wide > width) faults.push({ path, colorScheme, width, what: `is ${wide} px wide` });
      for (const one of violations) {
        const where = one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
        faults.push({ path, colorScheme, width, what: one.id, where });
      }
    }
    await context.close();
  }
}
await browser.close();
console.log(JSON.stringify(faults));

// Checks pages by axe in Chromium, in light and dark, and that they fit 360 px. Usage: node axe.mjs FILE...
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

async function each(options, check) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  for (const path of process.argv.slice(2)) {
    await page.goto(pathToFileURL(resolve(path)).href);
    await check(page, path);
  }
  await context.close();
}

for (const colorScheme of ["light", "dark"]) {
  await each({ colorScheme, viewport: { width: 640, height: 800 } }, async (page, path) => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, {
      // The subject is a mail's heading, and the mail program shows it.
      rules: { "page-has-heading-one": { enabled: false } },
      resultTypes: ["violations"],
    }));
    for (const one of violations) {
      const where = one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160));
      faults.push({ path, colorScheme, what: one.id, where });
    }
  });
}
const phone = { width: 360, height: 800 };
await each({ viewport: phone }, async (page, path) => {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > phone.width) faults.push({ path, what: `is ${wide} px wide` });
});
await browser.close();
console.log(JSON.stringify(faults));

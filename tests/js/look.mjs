// Looks at pages as people do: 360, 768 and 1440 px wide, light and dark; axe checks each in both
// schemes, and none may be wider than a 320 px screen. Usage: node look.mjs PAGES.json [FOLDER]
// PAGES.json: [{"name": "gallery", "url": "http://..."}]; with FOLDER, pictures go there. An address
// that ends with #press is looked at after its first button was pressed, with nothing filled in.
// RESIDENCY_CHROMIUM names the browser. Prints a list of faults, which is empty where all is well.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const [list, folder] = process.argv.slice(2);
const pages = JSON.parse(readFileSync(list, "utf8"));
const only = (process.env.RESIDENCY_LOOK ?? "").split(",").filter(Boolean);
const browser = await chromium.launch({
  executablePath: process.env.RESIDENCY_CHROMIUM,
  args: ["--no-sandbox"],
});
const faults = [];

async function checked(page, name, colorScheme) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const one of violations) {
    const where = one.nodes.slice(0, 3).map((node) => `${node.target} ${node.html.slice(0, 160)}`);
    faults.push({ name, colorScheme, what: one.id, where });
  }
}

async function fits(page, name) {
  await page.setViewportSize({ width: 320, height: 700 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  if (wide > 320) faults.push({ name, what: `is ${wide} px wide on a screen of 320` });
  const small = await page.evaluate(() => [...document.querySelectorAll("button, .button, .option, summary, input:not([type=hidden], [type=radio], [type=checkbox]), textarea")]
    .filter((one) => one.getClientRects().length && one.getBoundingClientRect().height < 43.5)
    .map((one) => one.outerHTML.slice(0, 120)));
  if (small.length) faults.push({ name, what: "is too small to be touched", where: small });
}

for (const colorScheme of ["light", "dark"]) {
  // The policy of the pages forbids axe, as it forbids every foreign script.
  const context = await browser.newContext({ colorScheme, bypassCSP: true });
  for (const { name, url } of pages) {
    if (only.length && !only.includes(name)) continue;
    const page = await context.newPage();
    page.on("console", (said) => {
      if (said.type() === "error" && !said.text().includes("status of")) faults.push({ name, what: said.text() });
    });
    await page.setViewportSize({ width: 768, height: 900 });
    await page.goto(url.replace("#press", ""), { timeout: 120_000 });
    if (url.endsWith("#press")) {
      const button = page.locator("main form button:visible").first();
      if (!(await button.count())) { await page.close(); continue; }
      await page.evaluate(() => document.querySelectorAll("form").forEach((one) => { one.noValidate = true; }));
      await Promise.all([page.waitForLoadState("load"), button.click()]);
    }
    await checked(page, name, colorScheme);
    for (const width of folder ? [360, 768, 1440] : []) {
      await page.setViewportSize({ width, height: width > 500 ? 900 : 740 });
      await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
    if (colorScheme === "light") await fits(page, name);
    await page.close();
  }
  await context.close();
}
await browser.close();
console.log(JSON.stringify(faults, null, 1));

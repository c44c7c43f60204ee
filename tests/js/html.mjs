// Checks HTML files: valid by html-validate, and supported by the big mail clients by caniemail.
// Usage: node html.mjs FILE...; prints a list of faults, which is empty where all is well.
import { readFileSync } from "node:fs";
import { caniemail } from "caniemail";
import { HtmlValidate } from "html-validate/node";

const CLIENTS = [
  "apple-mail.*", "gmail.desktop-webmail", "gmail.ios", "gmail.android", "outlook.windows",
  "outlook.macos", "outlook.ios", "outlook.android", "outlook.outlook-com", "yahoo.*",
  "samsung-email.android", "thunderbird.macos",
];

// What a client leaves out without harm: the mail is whole without it, and each has its stand-in.
const GRACE = new Map([
  ["@media", "without it the mail is light, at the width of its window"],
  ["border-radius", "corners are square without it"],
  ["opacity", "the preheader is not displayed anyway"],
  ["overflow", "as opacity"],
  ["height property", "Yahoo takes it for the least height, which is what is meant"],
  ["<body> element", "where the body is dropped, the table around all has its color"],
  ["border-spacing", "cellspacing stands beside it"],
]);

const validator = new HtmlValidate({
  extends: ["html-validate:standard"],
  rules: {
    // Mail clients need presentational markup, and have no style sheet of ours.
    "no-inline-style": "off",
    "no-deprecated-attr": "off",
    "attr-quotes": "off",
    "void-style": "off",
    "doctype-style": "off",
    "no-trailing-whitespace": "off",
    "long-title": "off",
    "tel-non-breaking": "off",
    "require-sri": "off",
    "attribute-empty-style": "off",
    "prefer-native-element": "off", // Mail clients drop <main>, and keep a role.
  },
});

const faults = [];
for (const path of process.argv.slice(2)) {
  const html = readFileSync(path, "utf8");
  const report = await validator.validateString(html);
  for (const result of report.results) {
    for (const one of result.messages) {
      faults.push({ path, check: "html", what: one.ruleId, message: one.message, line: one.line });
    }
  }
  const { issues } = caniemail({ clients: CLIENTS, html });
  for (const [client, found] of issues.errors) {
    for (const one of found) {
      if (!GRACE.has(one.title)) faults.push({ path, check: "caniemail", what: one.title, client });
    }
  }
}
console.log(JSON.stringify(faults));

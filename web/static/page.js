// Comfort only: every page works without it. A form that is on its way is not sent a second time;
// after a while, or on coming back to the page, it may be.
const PATIENCE = 10_000;

const rest = (form) => form.removeAttribute("aria-busy");

addEventListener("submit", (event) => {
  const form = event.target;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  setTimeout(rest, PATIENCE, form);
});

addEventListener("pageshow", () => document.querySelectorAll("form[aria-busy]").forEach(rest));

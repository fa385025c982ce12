// What is typed in [data-kept="<conversation>"] outlives the page, in this tab, until it is sent. An answer from the
// server replaces the whole composer: it says what was sent, and brings back what was refused.
import { keep, kept } from "../tab-storage.js";

const areas = () => document.querySelectorAll("[data-kept] textarea");
const key = (area) => `draft:${area.closest("[data-kept]").dataset.kept}:${area.id}`;
const keepText = (area) => keep(key(area), area.value || null);

// What the server brings along was refused, and is newer than what was kept.
function restore() {
  for (const area of areas()) {
    if (area.dataset.isKept) continue;
    area.dataset.isKept = "yes";
    const wasSent = area.id === `composer-${area.closest("[data-kept]").dataset.sent}`;
    if (area.value || wasSent) keepText(area);
    else area.value = kept(key(area)) ?? "";
  }
}

document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-kept] textarea")) keepText(target); });
document.addEventListener("htmx:afterSwap", restore);

// Without htmx a page answers, which cannot say what was sent.
document.addEventListener("submit", ({ target }) => {
  if (!window.htmx) for (const area of target.querySelectorAll("[data-kept] textarea")) keep(key(area), null);
});
restore();

// What is typed in [data-kept="<conversation>"] outlives the page, in this tab, until it is sent.
const areas = () => document.querySelectorAll("[data-kept] textarea");
const key = (area) => `draft:${area.closest("[data-kept]").dataset.kept}:${area.id}`;

function keep(area) {
  try {
    if (area.value) sessionStorage.setItem(key(area), area.value);
    else sessionStorage.removeItem(key(area));
  } catch { /* The browser keeps nothing: then nothing is kept. */ }
}

function kept(area) {
  try { return sessionStorage.getItem(key(area)); } catch { return null; }
}

// What the server brings along was refused, and is newer than what was kept.
function restore() {
  for (const area of areas()) {
    if (area.dataset.isKept) continue;
    area.dataset.isKept = "yes";
    const wasSent = area.id === `composer-${area.closest("[data-kept]").dataset.sent}`;
    if (area.value || wasSent) keep(area);
    else area.value = kept(area) ?? "";
  }
}

document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-kept] textarea")) keep(target); });
document.addEventListener("htmx:afterSwap", restore);

// Without htmx a page answers, which cannot say what was sent.
document.addEventListener("submit", ({ target }) => {
  if (!window.htmx) for (const area of target.querySelectorAll("[data-kept] textarea")) sessionStorage.removeItem(key(area));
});
restore();

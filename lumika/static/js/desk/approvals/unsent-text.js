// What is typed in [data-unsent="<name>"] outlives the page, in this tab, until it is sent or taken back.
import { keep, kept } from "../tab-storage.js";

const key = (field) => `unsent:${field.dataset.unsent}`;
const keepText = (field) => keep(key(field), field.value === field.defaultValue ? null : field.value);

function restore() {
  for (const field of document.querySelectorAll("[data-unsent]:not([data-restored])")) {
    field.dataset.restored = "";
    const text = kept(key(field));
    if (text === null || text === field.value) continue;
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    const tool = field.closest("details");
    if (tool) tool.open = true;
  }
}

document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-unsent]")) keepText(target); });

// A form that is gone once its answer came was sent; a refused one stays.
document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, successful } }) => {
  const form = requestConfig.elt;
  if (!successful || form.isConnected || !form.matches("form")) return;
  for (const field of form.querySelectorAll("[data-unsent]")) keep(key(field), null);
});
document.addEventListener("htmx:afterSwap", restore);
restore();

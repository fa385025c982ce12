// What is typed in [data-unsent="<name>"] outlives the page, in this tab, until it is sent or taken back.
const key = (field) => `unsent:${field.dataset.unsent}`;

function keep(field) {
  try {
    if (field.value === field.defaultValue) sessionStorage.removeItem(key(field));
    else sessionStorage.setItem(key(field), field.value);
  } catch { /* The browser keeps nothing: then nothing is kept. */ }
}

function kept(field) {
  try { return sessionStorage.getItem(key(field)); } catch { return null; }
}

function restore() {
  for (const field of document.querySelectorAll("[data-unsent]:not([data-restored])")) {
    field.dataset.restored = "";
    const text = kept(field);
    if (text === null || text === field.value) continue;
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
    const tool = field.closest("details");
    if (tool) tool.open = true;
  }
}

document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-unsent]")) keep(target); });

// A form that is gone once its answer came was sent; a refused one stays.
document.addEventListener("htmx:afterRequest", ({ detail: { requestConfig, successful } }) => {
  const form = requestConfig.elt;
  if (!successful || form.isConnected || !form.matches("form")) return;
  for (const field of form.querySelectorAll("[data-unsent]")) sessionStorage.removeItem(key(field));
});
document.addEventListener("htmx:afterSwap", restore);
restore();

// The state of the open draft refreshes by itself; what it does not allow any more cannot be pressed any more.
// [data-allows="decision answer"] on the state, [data-needs="decision"] on what needs it.
function apply() {
  const state = document.querySelector("[data-allows]");
  if (!state) return;
  const allowed = state.dataset.allows.split(" ");
  for (const part of document.querySelectorAll(".approval [data-needs]")) {
    const isRefused = !allowed.includes(part.dataset.needs);
    if (part.matches("fieldset")) part.disabled = isRefused;
    else part.inert = isRefused;
  }
  showUnlessTyped(state);
}

// A new draft that was asked for takes the place of the old one, unless that would take words from somebody.
function showUnlessTyped(state) {
  const link = state.querySelector("[data-show-unless-typed]");
  const fields = [...document.querySelectorAll(".approval-dock :is(textarea, input:not([type=hidden]))")];
  if (link && !fields.some((field) => field.value !== field.defaultValue)) link.click();
}

// Who has just decided themselves need not be told what became of the draft: the answer tells them, a moment later.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const isDeciding = detail.target.matches(".approval-state") && document.querySelector(".approval form.htmx-request");
  if (isDeciding) detail.shouldSwap = false;
});

document.addEventListener("htmx:afterSettle", apply);
document.addEventListener("htmx:oobAfterSwap", apply);
apply();

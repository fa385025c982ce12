// The editor is the draft. The form says whether somebody changed it (data-changed), which decides which buttons show.
const UNCHANGED_ONLY = ["a", "A"];
const SAYS = "You changed the draft. Ctrl+Enter sends it as it is now; "
  + "to send the responder’s words, discard your changes.";

function show(area) {
  const isChanged = area.value !== area.defaultValue;
  area.form.dataset.changed = isChanged ? "yes" : "no";
  if (!isChanged) document.getElementById("desk-trouble").querySelector("[data-changed-notice]")?.remove();
}

const showAll = () => { for (const area of document.querySelectorAll("[data-draft]")) show(area); };

document.addEventListener("input", ({ target }) => { if (target.matches?.("[data-draft]")) show(target); });
document.addEventListener("reset", ({ target }) => {
  const area = target.querySelector("[data-draft]");
  if (!area) return;
  setTimeout(() => {
    area.dispatchEvent(new InputEvent("input", { bubbles: true }));
    area.focus();
  });
});
document.addEventListener("htmx:afterSwap", showAll);
document.addEventListener("pageshow", showAll);
showAll();

// The keys that send the draft as it was written do nothing once it was changed: somebody has to hear why.
document.addEventListener("keydown", ({ key, target, ctrlKey, metaKey, altKey }) => {
  if (!UNCHANGED_ONLY.includes(key) || ctrlKey || metaKey || altKey) return;
  if (target.matches("textarea, input, select")) return;
  if (document.getElementById("live").dataset.singleKeys === "off") return;
  if (!document.querySelector(".draft-form[data-changed=yes] fieldset:enabled")) return;
  const notice = Object.assign(document.createElement("p"), { className: "notice is-warning", textContent: SAYS });
  notice.dataset.changedNotice = "";
  document.getElementById("desk-trouble").replaceChildren(notice);
});

// A single key presses what names it: [data-key="a"], [data-key="Shift+A"], [data-key="?"]. Fields get the focus
// instead. Not while somebody types, not with other modifiers, not while a key is held down, and not for people who
// turned keys off.
const PRESSED = "[type=checkbox], [type=radio], [type=button], [type=submit]";
const TYPED_IN = `textarea, select, [contenteditable], input:not(${PRESSED})`;

const areOff = () => document.getElementById("live")?.dataset.singleKeys === "off";
const isModified = ({ ctrlKey, metaKey, altKey }) => ctrlKey || metaKey || altKey;
const isReachable = (element) => (
  element.checkVisibility({ visibilityProperty: true }) && !element.matches(":disabled") && !element.closest("[inert]")
);

// Letters by what is printed on the key, whatever the alphabet: on a Hebrew or a Greek keyboard too.
function nameOf({ key, code, shiftKey }) {
  const letter = /^[a-z]$/i.test(key) ? key : key.length === 1 && /^Key([A-Z])$/.exec(code)?.[1];
  if (!letter) return key;
  return shiftKey ? `Shift+${letter.toUpperCase()}` : letter.toLowerCase();
}

function find(name) {
  const named = [...document.querySelectorAll("[data-key]")].filter((element) => element.dataset.key === name);
  return named.find(isReachable);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || event.repeat || isModified(event)) return;
  if (areOff() || event.target.closest?.(TYPED_IN)) return;
  if (document.querySelector("[role=dialog]:popover-open") && event.key !== "?") return;
  const element = find(nameOf(event));
  if (!element) return;
  event.preventDefault();
  if (element.matches(TYPED_IN)) element.focus();
  else element.click();
});

// Escape leaves a field, so that keys work again.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  if (!event.target.closest?.(TYPED_IN)) return;
  const article = event.target.closest("article") ?? document;
  const heading = article.querySelector("h2[tabindex]") ?? document.querySelector("h2[tabindex]");
  if (event.target.type !== "search" || !event.target.value) heading?.focus({ preventScroll: true });
});

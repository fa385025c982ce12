// The composer: Ctrl+Enter sends, a tab that is clicked is written in, and what could not be sent is said and kept.
const LOST = ["htmx:sendError", "htmx:responseError", "htmx:timeout"];
const shown = (composer) => [...composer.querySelectorAll("textarea")].find((area) => area.checkVisibility());
const tell = ({ target }, isLost) => {
  const notice = target.closest?.(".composer")?.querySelector("[data-not-sent]");
  if (notice) notice.hidden = !isLost;
};

document.addEventListener("keydown", (event) => {
  const area = event.target.closest?.("[data-send-by-keys]");
  if (!area || event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  const button = area.form.querySelector("[type=submit]");
  if (!button.disabled) area.form.requestSubmit(button);
});

document.addEventListener("click", ({ target, detail }) => {
  const composer = detail && target.closest(".composer-tab")?.closest(".composer");
  if (composer && target.matches("input")) shown(composer).focus();
});

for (const lost of LOST) document.addEventListener(lost, (event) => tell(event, true));
document.addEventListener("htmx:beforeRequest", (event) => tell(event, false));

// The button that was pressed is gone: writing goes on.
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  const composer = document.getElementById("composer");
  if (detail.target.id === "composer" && composer && document.activeElement === document.body) {
    shown(composer).focus({ preventScroll: true });
  }
});

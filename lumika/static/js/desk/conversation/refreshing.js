// Parts of a page that refresh by themselves do not get in the way of who reads or clicks there.
const isByItself = ({ requestConfig }) => requestConfig.triggeringEvent?.type.startsWith("lumika:");
let opened = [];
let wasInside = false;

// [data-hold-while-used]: not under somebody's hands, which may have come while the server was asked.
function isHeld({ elt, requestConfig }) {
  const part = requestConfig.elt ?? elt;
  if (!part.matches("[data-hold-while-used]") || !isByItself({ requestConfig })) return false;
  return part.contains(document.activeElement) || part.querySelector("details[open]") !== null;
}
document.addEventListener("htmx:beforeRequest", (event) => { if (isHeld(event.detail)) event.preventDefault(); });
document.addEventListener("htmx:beforeSwap", (event) => { if (isHeld(event.detail)) event.detail.shouldSwap = false; });

// What was unfolded stays so, and who was inside by keyboard is not thrown out.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  wasInside = detail.target.contains(document.activeElement);
  opened = [...detail.target.querySelectorAll("details.fold[id][open]")].map((fold) => fold.id);
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (wasInside && document.activeElement === document.body) {
    document.getElementById(detail.target.id)?.focus({ preventScroll: true });
  }
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
});

// Only what somebody can see counts as read.
document.addEventListener("htmx:configRequest", ({ detail }) => {
  if (detail.elt.id === "thread-latest" && document.visibilityState === "visible") detail.parameters.seen = "1";
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible") document.body.dispatchEvent(new CustomEvent("lumika:conversation"));
});

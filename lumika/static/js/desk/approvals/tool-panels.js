// [details.tool]: what opens gets the focus in its field, at once: the next key belongs there. Escape closes it and
// gives the focus back.
document.addEventListener("click", (event) => {
  const tool = event.target.closest?.("details.tool > summary")?.parentElement;
  if (!tool) return;
  event.preventDefault();
  tool.open = !tool.open;
  if (!tool.open) return;
  tool.querySelector("textarea, input:not([type=hidden])")?.focus({ preventScroll: true });
  tool.scrollIntoView({ block: "nearest" });
});

document.addEventListener("keydown", (event) => {
  const tool = event.target.closest?.("details.tool[open]");
  if (!tool || event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  event.preventDefault();
  tool.open = false;
  tool.querySelector("summary").focus();
});

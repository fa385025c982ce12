// Ctrl+Enter, or Cmd+Enter, in a field sends its form: by the button that says so, else by the one that is there.
document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.(".approval textarea, .approval input");
  if (!field?.form || event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.isComposing) return;
  event.preventDefault();
  if (event.repeat) return;
  const buttons = [...field.form.querySelectorAll("button:not([type=button], [type=reset])")];
  const shown = buttons.filter((button) => button.checkVisibility() && !button.matches(":disabled"));
  (shown.find((one) => "ctrlEnter" in one.dataset) ?? shown[0])?.click(); // htmx learns of the button by its click
});

// [data-open-saved-replies="<id of a textarea>"]: types the "/" for people with a mouse. Without scripts it is a link.
import { type } from "./typing.js";

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open-saved-replies]");
  const area = opener && document.getElementById(opener.dataset.openSavedReplies);
  if (!area) return;
  event.preventDefault();
  type(area, /\S$/.test(area.value.slice(0, area.selectionStart)) ? " /" : "/");
});

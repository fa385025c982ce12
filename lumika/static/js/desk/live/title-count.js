// How many drafts wait, in front of the page's title: what [data-waiting] says, whenever htmx brings it anew.
const element = document.querySelector("title");
let plain = document.title, written = null;

function show() {
  if (document.title !== written) plain = document.title;
  const waiting = document.querySelector("[data-waiting]")?.dataset.waiting ?? "";
  written = Number.parseInt(waiting, 10) > 0 ? `(${waiting}) ${plain}` : plain;
  if (document.title !== written) document.title = written;
}

show();
written = document.title; // browsers trim what they are given
new MutationObserver(show).observe(element, { childList: true, characterData: true, subtree: true });
for (const name of ["htmx:afterSettle", "htmx:oobAfterSwap"]) document.body.addEventListener(name, show);

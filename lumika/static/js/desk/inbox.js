// The inbox: where there is no room for a conversation beside the list, its link leads to its page.
const narrow = matchMedia("(max-width: 64rem)");
const links = () => [...document.querySelectorAll("#inbox-rows .row-who")];
const boxes = () => [...document.querySelectorAll("#inbox-rows [name=conversation]")];

document.addEventListener("click", (event) => {
  const link = event.target.closest?.("#inbox-rows .row-who");
  if (!link) return;
  const elsewhere = event.ctrlKey || event.metaKey || event.shiftKey || event.altKey;
  if (narrow.matches || elsewhere) event.stopPropagation(); // htmx does not hear of it, the browser follows the link
  else mark(link);
}, { capture: true });

// Which one is open says the page, not an answer that was asked for before it was opened.
const opened = () => document.getElementById("list-open");

function mark(link) {
  if (link) opened().value = link.id.replace("row-", "");
  for (const one of links()) {
    if (one.id === `row-${opened().value}`) one.setAttribute("aria-current", "true");
    else one.removeAttribute("aria-current");
  }
}

// The next and the previous conversation of the list.
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-step]");
  if (!button) return;
  const all = links();
  const isCurrent = (link) => link.matches("[aria-current]") || (narrow.matches && link === document.activeElement);
  const current = all.findIndex(isCurrent);
  const next = current < 0 ? all[0] : all[current + Number(button.dataset.step)];
  if (!next) return;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  if (!narrow.matches) next.click();
});

// What somebody reads stays where it is while the list is refreshed.
let stood = new Map();
const scroller = (list) => (getComputedStyle(list).overflowY === "visible" ? document.scrollingElement : list);
const isList = ({ target }) => target.id === "inbox-rows";

const topOf = (link) => link?.getBoundingClientRect().top ?? Infinity;

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!isList(detail)) return;
  stood = new Map(links().map((link) => [link.id, topOf(link)]).filter(([, top]) => top > 0 && top < innerHeight));
});
document.addEventListener("htmx:afterSwap", ({ detail }) => {
  if (!isList(detail)) return;
  mark();
  if (!scroller(detail.target).scrollTop) return;
  const moved = [...stood].map(([id, top]) => topOf(document.getElementById(id)) - top);
  const least = moved.reduce((one, other) => (Math.abs(other) < Math.abs(one) ? other : one), Infinity);
  if (Number.isFinite(least)) scroller(detail.target).scrollTop += least;
});

// What is chosen, and all at once.
function count() {
  const all = boxes(), chosen = all.filter((box) => box.checked).length;
  const whole = document.getElementById("choose-all"), told = document.getElementById("inbox-chosen");
  if (!whole) return;
  whole.checked = chosen > 0 && chosen === all.length;
  whole.indeterminate = chosen > 0 && chosen < all.length;
  const words = chosen ? `${chosen} selected` : "";
  if (told.textContent !== words) told.textContent = words;
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "choose-all") for (const box of boxes()) box.checked = target.checked;
  if (target.id === "choose-all" || target.matches("#inbox-rows [name=conversation]")) count();
});
document.addEventListener("htmx:afterSettle", count);
count();
links().find((link) => link.matches("[aria-current]"))?.scrollIntoView({ block: "nearest" });

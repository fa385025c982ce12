// In textarea[data-saved-replies="<address>"] a "/" at the start of a line or after a space offers saved replies; what
// follows filters them.
import { caretBox } from "./caret.js";
import { Listbox } from "./listbox.js";
import "./button.js";
import { type } from "./typing.js";

const ASKED = /(?:^|\s)\/((?:[^\s/][^\n/]{0,59})?)$/;
const list = new Listbox("saved-replies", insert);
let asked = null; // { area, start, question }: the "/" that the open or loading list belongs to
let loading = Promise.resolve();
let dismissed = -1; // the place of the "/" at which somebody pressed Escape
let nothing = null; // what nothing was found for: nor will there be for a longer question
let isInserting = false;

function question(area) {
  const end = area.selectionStart;
  const found = end === area.selectionEnd && ASKED.exec(area.value.slice(0, end));
  return found ? { area, start: end - found[1].length - 1, question: found[1] } : null;
}

function close() {
  asked = null;
  list.close();
}

async function look(area) {
  const now = question(area);
  if (now?.start !== dismissed) dismissed = -1;
  if (!now || dismissed >= 0) return close();
  asked = now;
  if (nothing?.start === now.start && now.question.startsWith(nothing.question)) return list.close();
  const address = `${area.dataset.savedReplies}?${new URLSearchParams({ q: now.question })}`;
  const answer = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => null);
  const html = answer?.ok && !answer.redirected ? (await answer.text()).trim() : "";
  if (asked !== now || !area.isConnected) return undefined;
  nothing = answer?.ok && !html ? now : null;
  return html ? list.open(area, html, caretBox(area, now.start)) : list.close();
}

function insert(option) {
  const { area, start } = asked, text = option.dataset.text;
  close();
  isInserting = true;
  type(area, text, start, area.selectionStart);
  isInserting = false;
}

// What is chosen is known once the list fits what was typed last.
function insertChosen() {
  const wanted = asked;
  loading.then(() => { if (asked === wanted && list.chosen) insert(list.chosen); });
}

const KEYS = {
  ArrowDown: () => list.move(1),
  ArrowUp: () => list.move(-1),
  Enter: insertChosen,
  Escape: () => { dismissed = asked.start; close(); },
};

document.addEventListener("input", ({ target, isComposing }) => {
  if (target.matches?.("textarea[data-saved-replies]") && !isInserting && !isComposing) loading = look(target);
});

// Captured: an open list has its keys before the page's shortcuts do.
document.addEventListener("keydown", (event) => {
  if (!list.isOpen || event.target !== list.control || event.isComposing || !(event.key in KEYS)) return;
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
  if (!list.chosen && event.key !== "Escape") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  KEYS[event.key]();
}, { capture: true });

const hasMoved = () => list.isOpen && (!asked.area.isConnected || question(asked.area)?.start !== asked.start);
const closeIfMoved = () => { if (hasMoved()) close(); };
for (const name of ["selectionchange", "htmx:afterSwap"]) document.addEventListener(name, closeIfMoved);
document.addEventListener("focusout", ({ target }) => { if (target === asked?.area) close(); });

const stay = () => list.isOpen && list.place(caretBox(asked.area, asked.start));
window.addEventListener("resize", stay);
document.addEventListener("scroll", ({ target }) => { if (!list.popup.contains(target)) stay(); }, { capture: true });

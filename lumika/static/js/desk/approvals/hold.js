// [data-hold="<seconds left>"]: counts down, by its own clock, and asks for the outcome when the time is over.
const TICK = 200;
let timer = null;

function begin(hold) {
  hold.dataset.until = String(performance.now() + Number(hold.dataset.hold) * 1000);
  hold.style.setProperty("--hold-seconds", `${hold.dataset.hold}s`);
}

function count() {
  const holds = [...document.querySelectorAll("[data-hold]")];
  for (const hold of holds) {
    if (!hold.dataset.until) begin(hold);
    const left = Math.max(0, Number(hold.dataset.until) - performance.now());
    hold.querySelector("[data-seconds]").textContent = left ? `${Math.ceil(left / 1000)} s` : "";
    if (left || hold.dataset.isOver) continue;
    hold.dataset.isOver = "yes";
    document.body.dispatchEvent(new CustomEvent("lumika:hold-over"));
  }
  if (holds.length) return;
  clearInterval(timer);
  timer = null;
}

function start() {
  count();
  if (!timer && document.querySelector("[data-hold]")) timer = setInterval(count, TICK);
}

for (const name of ["htmx:afterSwap", "htmx:oobAfterSwap"]) document.addEventListener(name, start);
start();

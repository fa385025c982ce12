// What the requests of fragments may meet: news on the way, a connection that died, a session that has ended.
import { changed } from "./live-events.js";
import { end } from "./live-socket.js";

const { login, timeout } = document.getElementById("live")?.dataset ?? {};
const begun = new WeakMap(); // when each request began
let newsAt = 0, isRepeating = false;

for (const name of ["lumika:changed", "lumika:conversation"])
  document.addEventListener(name, hear, { capture: true }); // before any request

function hear() {
  if (!isRepeating) newsAt = performance.now();
}

// What was heard before is no news to who asks after it: slow answers would make each other ask for ever.
function repeat() {
  isRepeating = true;
  changed();
  isRepeating = false;
}

document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  begun.set(detail.xhr, performance.now());
  if (timeout && detail.requestConfig.verb === "get") detail.xhr.timeout = Number(timeout) * 1000;
});

// What was asked before the news may lack it, and what was just replaced did not hear it.
document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.xhr && newsAt > begun.get(detail.xhr)) repeat();
});

// Asked again by another connection; without the timeout, all would wait behind the dead one for ever.
document.body.addEventListener("htmx:timeout", () => changed());

// The sign-in page is no fragment: the page stays as it is, and says so.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!login || new URL(detail.xhr.responseURL).pathname !== login) return;
  detail.shouldSwap = false;
  end();
});

// What the requests of fragments may meet: news on the way, a connection that died, a session that has ended.
import { askAgain, newsAt } from "./events.js";
import { end } from "./socket.js";

const { login, timeout } = document.getElementById("live")?.dataset ?? {};
const begun = new WeakMap(); // when each request began

document.body.addEventListener("htmx:beforeRequest", ({ detail }) => {
  begun.set(detail.xhr, performance.now());
  if (timeout && detail.requestConfig.verb === "get") detail.xhr.timeout = Number(timeout) * 1000;
});

// What was asked before the news may lack it, and what was just replaced did not hear it.
document.body.addEventListener("htmx:afterSettle", ({ detail }) => {
  if (detail.xhr && newsAt > begun.get(detail.xhr)) askAgain();
});

// Asked again by another connection; without the timeout, all would wait behind the dead one for ever.
document.body.addEventListener("htmx:timeout", askAgain);

// The sign-in page is no fragment: the page stays as it is, and says so.
document.body.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (!login || new URL(detail.xhr.responseURL).pathname !== login) return;
  detail.shouldSwap = false;
  end();
});

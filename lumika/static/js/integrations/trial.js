// A test of a responder that could not run now says so beside its form, and the question stays.
const BUSY = "The server has too much to do right now. Try again in a moment.";
const NOT_REACHED = "The server could not be reached. Try again.";

const say = (words) => {
  const notice = Object.assign(document.createElement("p"), { className: "notice is-warning", textContent: words });
  document.getElementById("trial-trouble")?.replaceChildren(notice);
};

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  if (detail.target.id !== "trial") return;
  const { status } = detail.xhr;
  if (status === 429) detail.shouldSwap = true;
  else if (status >= 400) say(status === 503 ? BUSY : `The test failed (${status}). Reload the page.`);
});
document.addEventListener("htmx:sendError", ({ detail }) => { if (detail.target.id === "trial") say(NOT_REACHED); });

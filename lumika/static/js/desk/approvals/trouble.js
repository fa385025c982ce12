// A verb that got no proper answer is said beside the draft. Pressing again is safe: nothing is sent twice.
const NOT_REACHED = "The server could not be reached. Try again: nothing is sent twice, and what you typed stays.";
const FAILED = "The server could not do this. Reload the page: what you typed is kept.";

const place = () => document.getElementById("desk-trouble");
const isVerb = ({ requestConfig }) => requestConfig?.verb === "post";

function say(words) {
  const notice = Object.assign(document.createElement("p"), { className: "notice is-danger", textContent: words });
  place()?.replaceChildren(notice);
}

document.addEventListener("htmx:sendError", ({ detail }) => { if (isVerb(detail)) say(NOT_REACHED); });
document.addEventListener("htmx:timeout", ({ detail }) => { if (isVerb(detail)) say(NOT_REACHED); });
document.addEventListener("htmx:responseError", ({ detail }) => { if (isVerb(detail)) say(FAILED); });
document.addEventListener("htmx:beforeRequest", ({ detail }) => { if (isVerb(detail)) place()?.replaceChildren(); });

// Inside [data-copy-code], every sample gets a button; copy.js does the copying.
for (const [number, pre] of document.querySelectorAll("[data-copy-code] pre").entries()) {
  const box = document.createElement("div");
  box.className = "code";
  pre.replaceWith(box);
  pre.id = `sample-${number + 1}`;
  pre.tabIndex = 0;
  const button = document.createElement("button");
  button.className = "button is-small copy";
  button.type = "button";
  button.textContent = "Copy";
  button.dataset.copyFrom = `#${pre.id}`;
  button.setAttribute("aria-describedby", pre.id);
  box.append(button, pre);
}

// The contents are a menu on phones: closed at first, and open wherever there is room for them.
const menu = document.querySelector("[data-docs-menu]");
const narrow = matchMedia("(max-width: 52rem)");
const fold = () => { if (menu) menu.open = !narrow.matches; };
narrow.addEventListener("change", fold);
fold();

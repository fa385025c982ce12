// [data-follow] is read like a chat: who is at its end stays there while it grows, who reads further up is not moved.
const NEAR = 60;
const boxes = new Map(); // each box, and whether its reader is at the end

const scroller = (box) => (getComputedStyle(box).overflowY === "visible" ? document.scrollingElement : box);
const isAtEnd = (box) => {
  const { scrollHeight, scrollTop, clientHeight } = scroller(box);
  return scrollHeight - scrollTop - clientHeight <= NEAR;
};
const toEnd = (box) => { scroller(box).scrollTop = scroller(box).scrollHeight; };

const grown = new ResizeObserver(() => {
  for (const [box, follows] of boxes) if (follows) toEnd(box);
});

function find() {
  for (const box of boxes.keys()) if (!box.isConnected) boxes.delete(box);
  for (const box of document.querySelectorAll("[data-follow]")) {
    if (boxes.has(box)) continue;
    const wanted = document.getElementById(location.hash.slice(1));
    boxes.set(box, !box.contains(wanted) || wanted.id === "newest");
    for (const part of [box, ...box.children]) grown.observe(part);
  }
}

document.addEventListener("scroll", () => {
  for (const box of boxes.keys()) boxes.set(box, isAtEnd(box));
}, { capture: true, passive: true });

// Earlier messages come above what is read: it stays where it is.
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const box = detail.target.id === "thread-earlier" && detail.target.closest("[data-follow]");
  if (!box) return;
  const below = scroller(box).scrollHeight - scroller(box).scrollTop;
  const stay = () => { scroller(box).scrollTop = scroller(box).scrollHeight - below; };
  document.addEventListener("htmx:afterSwap", stay, { once: true });
});

document.addEventListener("htmx:afterSwap", find);
find();

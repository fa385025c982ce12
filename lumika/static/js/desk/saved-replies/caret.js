// Where a character of a textarea stands on the screen: the textarea's text, laid out once more out of sight.
const COPIED = [
  "boxSizing", "inlineSize", "direction", "paddingTop", "paddingRight", "paddingBottom", "paddingLeft",
  "borderTopWidth", "borderRightWidth", "borderBottomWidth", "borderLeftWidth", "borderStyle",
  "font", "letterSpacing", "lineHeight", "textAlign", "textIndent", "textTransform", "tabSize", "wordSpacing",
];

export function caretBox(area, position) {
  const mirror = document.body.appendChild(document.createElement("div"));
  const styles = getComputedStyle(area);
  for (const name of COPIED) mirror.style[name] = styles[name];
  Object.assign(mirror.style, {
    position: "absolute", insetBlockStart: "0", insetInlineStart: "0", visibility: "hidden",
    whiteSpace: "pre-wrap", overflowWrap: "break-word",
  });
  mirror.textContent = area.value.slice(0, position);
  const mark = mirror.appendChild(document.createElement("span"));
  mark.textContent = area.value[position]?.trim() || ".";
  const inside = mark.getBoundingClientRect(), frame = mirror.getBoundingClientRect();
  mirror.remove();
  const outside = area.getBoundingClientRect();
  const top = outside.top + inside.top - frame.top - area.scrollTop;
  return { left: outside.left + inside.left - frame.left, top, bottom: top + inside.height };
}

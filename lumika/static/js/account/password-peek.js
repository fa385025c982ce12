// Every password field gets a button that shows what was typed.
for (const input of document.querySelectorAll('input[type="password"]')) {
  const wrap = document.createElement("span");
  wrap.className = "passwords";
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "button is-quiet is-small", textContent: "Show" });
  button.setAttribute("aria-pressed", "false");
  button.setAttribute("aria-label", "Show the password");
  input.before(wrap);
  wrap.append(input, button);
  button.addEventListener("click", () => {
    const shown = input.type === "text";
    input.type = shown ? "password" : "text";
    button.textContent = shown ? "Show" : "Hide";
    button.setAttribute("aria-pressed", String(!shown));
  });
}

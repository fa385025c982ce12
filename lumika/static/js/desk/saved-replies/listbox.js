// A popup with a listbox for a text control that keeps the focus: the ARIA combobox pattern.
// The markup of the options comes from the server.
const EDGE = 8;

export class Listbox {
  constructor(className, onChoice) {
    this.popup = Object.assign(document.createElement("div"), { className, popover: "manual" });
    this.status = Object.assign(document.createElement("p"), { className: "visually-hidden", role: "status" });
    document.body.append(this.popup, this.status);
    this.control = null;
    this.popup.addEventListener("mousedown", (event) => event.preventDefault()); // the control keeps the focus
    this.popup.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) onChoice(option);
    });
  }

  get isOpen() { return this.control !== null; }
  get options() { return [...this.popup.querySelectorAll("[role=option]")]; }
  get chosen() { return this.popup.querySelector("[aria-selected=true]"); }

  open(control, html, box) {
    this.control = control;
    this.popup.innerHTML = html;
    this.popup.showPopover();
    this.place(box);
    const list = this.popup.querySelector("[role=listbox]");
    control.setAttribute("role", "combobox");
    control.setAttribute("aria-autocomplete", "list");
    control.setAttribute("aria-haspopup", "listbox");
    control.setAttribute("aria-expanded", String(Boolean(list)));
    if (list) control.setAttribute("aria-controls", list.id);
    this.status.textContent = list ? `${list.ariaLabel}: ${this.options.length}` : this.popup.textContent;
    this.choose(this.options[0]);
  }

  close() {
    if (!this.isOpen) return;
    for (const name of ["role", "autocomplete", "haspopup", "expanded", "controls", "activedescendant"]) {
      this.control.removeAttribute(name === "role" ? name : `aria-${name}`);
    }
    this.popup.hidePopover();
    this.popup.replaceChildren();
    this.status.textContent = "";
    this.control = null;
  }

  move(step) {
    const options = this.options;
    this.choose(options.at((options.indexOf(this.chosen) + step) % options.length));
  }

  choose(option) {
    this.chosen?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) this.control.setAttribute("aria-activedescendant", option.id);
    else this.control.removeAttribute("aria-activedescendant");
  }

  // Below the line of the caret, or above it where there is more room.
  place({ left, top, bottom }) {
    const { width, height } = window.visualViewport ?? { width: innerWidth, height: innerHeight };
    const { offsetWidth, offsetHeight } = this.popup;
    const below = bottom + offsetHeight + EDGE <= height || top < offsetHeight + EDGE;
    this.popup.style.left = `${Math.max(EDGE, Math.min(left, width - offsetWidth - EDGE))}px`;
    this.popup.style.top = `${below ? bottom + EDGE / 2 : top - offsetHeight - EDGE / 2}px`;
  }
}

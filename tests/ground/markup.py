"""What a page of HTML would run, send and lead to, as a browser without JavaScript sees it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

WITHOUT_END = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Form:
    method: str | None
    action: str
    is_hidden: bool
    """Only a script shows it."""
    fields: list[str] = field(default_factory=list)


class Markup(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings = 0
        self.inline: list[str] = []
        self.links: list[str] = []
        self.files: list[str] = []
        self.ids: set[str] = set()
        self.forms: list[Form] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if tag not in WITHOUT_END:
            self._open.append((tag, attributes))
        self.ids.add(attributes.get("id", ""))
        self._note_what_runs(tag, attributes)
        if tag == "h1":
            self.headings += 1
        elif tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        elif tag in {"link", "script", "img"}:
            self.files += [attributes[name] for name in ("src", "href") if name in attributes]
        elif tag == "form":
            is_hidden = any("hidden" in one for _, one in self._open)
            self.forms.append(Form(attributes.get("method"), attributes.get("action", ""), is_hidden))
        elif tag == "input" and self._is_inside("form"):
            self.forms[-1].fields.append(attributes.get("name", ""))

    def handle_endtag(self, tag: str) -> None:
        while self._is_inside(tag) and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        tag, attributes = self._open[-1] if self._open else ("", {})
        is_data = attributes.get("type", "").endswith("json")
        if (tag == "style" or (tag == "script" and not is_data)) and data.strip():
            self.inline.append(f"<{tag}>{data.strip()[:60]}")

    def _note_what_runs(self, tag: str, attributes: dict[str, str]) -> None:
        for name, value in attributes.items():
            runs = (
                name == "style" or name.startswith(("on", "hx-on")) or value.strip().lower().startswith("javascript:")
            )
            if runs:
                self.inline.append(f'<{tag} {name}="{value[:60]}">')

    def _is_inside(self, tag: str) -> bool:
        return any(name == tag for name, _ in self._open)

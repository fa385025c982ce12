"""What a browser does with the forms of pages."""

from typing import Any


def shown(response: Any) -> dict[str, str]:
    """What a browser would send back of the page's form, untouched: with its own line ends, and no passwords."""
    form = response.context["form"]
    data = {}
    for field in form:
        value = field.value()
        if value not in (None, False) and field.widget_type != "password":
            data[field.html_name] = _sent(value)
        if field.field.show_hidden_initial:
            seen = form.data.get(field.html_initial_name) if form.is_bound else value
            data[field.html_initial_name] = "" if seen is None else _sent(str(seen))
    return data


def _sent(value: Any) -> Any:
    return value.replace("\r\n", "\n").replace("\n", "\r\n") if isinstance(value, str) else value

"""A preflight allows whatever headers a page's libraries add, without a token (docs/api.md, section 2)."""

import pytest

from conversations.models import Message
from tests.ground.raw_http import exchange

METHODS = {"/conversation/sse": "GET", "/conversation/history": "GET", "/conversation/cancel": "POST"}
ALWAYS = {"authorization", "cache-control", "content-type", "last-event-id"}


def preflight(server, path, *asked, method=None):
    headers = [("Origin", "https://example.com"), ("Access-Control-Request-Method", method or METHODS[path])]
    headers += [("Access-Control-Request-Headers", names) for names in asked]
    return exchange(server, path, method="OPTIONS", headers=headers)


def allowed(answer):
    return {name.strip().lower() for name in answer.headers["Access-Control-Allow-Headers"].split(",")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", METHODS)
def test_the_headers_that_are_asked_for_are_allowed(server, path):
    asked = "baggage,sentry-trace, traceparent ,X-Requested-With"

    answer = preflight(server, path, asked)

    assert (answer.status, answer.body) == (204, b"")
    assert allowed(answer) == ALWAYS | {"baggage", "sentry-trace", "traceparent", "x-requested-with"}
    assert answer.headers.get_all("Vary") == ["Origin, Access-Control-Request-Headers"]
    assert answer.headers["Access-Control-Allow-Origin"] == "https://example.com"
    assert not Message.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_names_in_several_headers_count_and_none_is_repeated(server):
    answer = preflight(server, "/conversation/sse", "a-b", "c-d, AUTHORIZATION", "a-b")

    assert allowed(answer) == ALWAYS | {"a-b", "c-d"}
    assert answer.headers["Access-Control-Allow-Headers"].lower().count("a-b") == 1
    assert answer.headers["Access-Control-Allow-Headers"].lower().count("authorization") == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_no_name_of_a_header_is_never_repeated(server):
    for asked in ("", ",,", "a b", "a:b", "a(b", '"a"', "na\xefve", "x" * 101, "a/b", "<script>"):
        assert allowed(preflight(server, "/conversation/sse", asked)) == ALWAYS, asked
        mixed = preflight(server, "/conversation/sse", f"{asked}, good-one")
        assert allowed(mixed) == ALWAYS | {"good-one"}, asked


@pytest.mark.django_db(transaction=True)
def test_the_list_is_bounded(granian):
    answer = preflight(granian, "/conversation/sse", ",".join(f"x-{number}" for number in range(300)))

    assert allowed(answer) == ALWAYS | {f"x-{number}" for number in range(100)}

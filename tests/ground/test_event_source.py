"""The harness's own EventSource reads streams as the standard says (WHATWG HTML, section 9.2.6)."""

import pytest

from tests.ground.event_source import Parser


def read(*parts, parser=None):
    parser = parser or Parser()
    parser.begin()
    return [(event.id, event.data) for part in parts for event in parser.feed(part)]


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"], ids=["lf", "cr", "crlf"])
def test_any_line_end_will_do_also_one_byte_at_a_time(end):
    stream = end.join([b"id: 1", b"data: one", b"data:two", b"", b": comment", b"data", b"", b""])

    assert read(*(bytes([byte]) for byte in stream)) == [("1", "one\ntwo"), ("1", "")]


def test_a_mark_at_the_start_and_unknown_fields_are_passed_over():
    assert read(b"\xef\xbb\xbfdata: one\nevent-x: 1\nid: a\x00b\n\n") == [("", "one")]


def test_what_is_incomplete_at_the_end_is_dropped():
    parser = Parser()

    assert read(b"id: 1\ndata: one\n\nid: 2\ndata: two\n", parser=parser) == [("1", "one")]
    assert parser.last_event_id == "1"
    assert read(b"data: three\n\n", parser=parser) == [("", "three")]


def test_a_block_without_an_id_forgets_the_last_one_after_a_reconnect():
    parser = Parser()
    read(b"id: 1\ndata: one\n\n: heartbeat\n\n", parser=parser)
    assert parser.last_event_id == "1"

    read(b": heartbeat\n\n", parser=parser)

    assert parser.last_event_id == ""


def test_the_delay_is_digits_only():
    parser = Parser()
    read(b"retry: 2000\n\nretry: 1e3\n\nretry: -1\n\n", parser=parser)

    assert parser.retry == 2.0

"""Server-Sent Events out of bytes that may be split anywhere, as the HTML standard reads them."""

LINE_ENDS = b"\r\n"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class EventTooLong(ValueError):
    pass


class EventReader:
    """Takes the bytes of a stream as they come. Of the fields it knows ``data`` only.

    An event, or a line, of more than ``longest`` bytes raises ``EventTooLong``, so that no stream can fill the memory.
    """

    def __init__(self, *, longest: int) -> None:
        self._longest = longest
        self._line: list[bytes] = []
        self._data: list[bytes] = []
        self._size = 0
        self._is_first_line = True
        self._ended_in_return = False

    def feed(self, part: bytes) -> list[str]:
        """The data of the events that end within the part."""
        if self._ended_in_return and part.startswith(b"\n"):
            part = part[1:]
        self._ended_in_return = part.endswith(b"\r")
        events: list[str] = []
        for piece in part.splitlines(keepends=True):
            self._line.append(piece)
            self._size += len(piece)
            if self._size > self._longest:
                raise EventTooLong
            if piece[-1] in LINE_ENDS and (data := self._end_line()) is not None:
                events.append(data)
        return events

    def _end_line(self) -> str | None:
        """The data of the event that an empty line ends."""
        whole = b"".join(self._line)
        self._line.clear()
        line = whole.rstrip(LINE_ENDS)
        if self._is_first_line:
            self._is_first_line = False
            line = line.removeprefix(BYTE_ORDER_MARK)
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))
            return None
        self._size -= len(whole)  # comments and other fields are not kept
        if line or not self._data:
            return None
        data = b"\n".join(self._data).decode(errors="replace")
        self._data.clear()
        self._size = 0
        return data

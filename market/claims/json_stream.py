"""Reading a JSON object whose one long list must not stand in memory: piece by piece from a binary file.

The same decoder reads every value as in `checked_json.load`, so the same text gives the same values and the same
complaints, with their place in the whole file. Knows nothing of assessments.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator
from typing import IO, Any, Final

from market.claims.checked_json import DECODER, BadField

_CHUNK: Final = 1 << 18
# A value that is still unfinished after so many characters is not merely cut off by the end of a chunk.
_LONGEST: Final = 1 << 21
_SPACE: Final = re.compile(r"[ \t\n\r]*")


class NotText(ValueError):
    """The bytes are not UTF-8."""


class Stream:
    """A cursor in the text of a file. Reads only ahead as far as one value needs."""

    def __init__(self, source: IO[bytes]) -> None:
        source.seek(0)
        self._source = source
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text = ""
        self._at = 0
        self._fed = 0
        self._line, self._column = 1, 0
        self._ended = False

    def members(self) -> Iterator[str]:
        """The keys of the object that the file holds; the caller reads each key's value before asking on.

        Raises BadField when the file holds something else, or anything after the object.
        """
        if not self._take("{"):
            self.value()
            self._end()
            return
        if not self._take("}"):
            while True:
                if self._peek() != '"':
                    raise self._wrong("Expecting property name enclosed in double quotes")
                key = self.value()
                if not self._take(":"):
                    raise self._wrong("Expecting ':' delimiter")
                yield str(key)
                if self._take("}"):
                    break
                if not self._take(","):
                    raise self._wrong("Expecting ',' delimiter")
        self._end()

    @property
    def is_object(self) -> bool:
        """Whether an object comes next."""
        return self._peek() == "{"

    @property
    def is_list(self) -> bool:
        """Whether a list comes next."""
        return self._peek() == "["

    def items(self) -> Iterator[Any]:
        """The values of the list that comes next, one by one."""
        self._take("[")
        if self._take("]"):
            return
        while True:
            yield self.value()
            if self._take("]"):
                return
            if not self._take(","):
                raise self._wrong("Expecting ',' delimiter")

    def value(self) -> Any:
        """The value that comes next, whole."""
        self._peek()
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._ended or len(self._text) - self._at > _LONGEST:
                    raise self._wrong(error.msg, error.pos) from None
            except RecursionError:
                raise BadField("(file)", "nested too deep") from None
            else:
                # A number at the very end of what was read may go on.
                if end < len(self._text) or self._ended:
                    self._at = end
                    return value
            self._more()

    # --- the text -------------------------------------------------------------------------------------------

    def _peek(self) -> str:
        """The next character that is no space; "" at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._text) or self._ended:
                return self._text[self._at : self._at + 1]
            self._more()

    def _take(self, sign: str) -> bool:
        if self._peek() != sign:
            return False
        self._at += 1
        return True

    def _more(self) -> None:
        """Let go of what was read and read on."""
        gone = self._text[: self._at]
        if gone:
            line_ends = gone.count("\n")
            self._line += line_ends
            self._column = len(gone) - gone.rfind("\n") - 1 if line_ends else self._column + len(gone)
        data = self._source.read(max(_CHUNK, len(self._text) - self._at))
        pending = len(self._decoder.getstate()[0])
        try:
            read = self._decoder.decode(data, final=not data)
        except UnicodeDecodeError as error:
            raise NotText(f"not UTF-8 at byte {self._fed - pending + error.start}") from None
        self._fed += len(data)
        self._text, self._at, self._ended = self._text[self._at :] + read, 0, not data

    def _end(self) -> None:
        if self._peek():
            raise self._wrong("Extra data")

    def _wrong(self, problem: str, at: int | None = None) -> BadField:
        before = self._text[: self._at if at is None else at]
        line_ends = before.count("\n")
        column = len(before) - before.rfind("\n") if line_ends else self._column + len(before) + 1
        return BadField("(file)", f"not JSON at line {self._line + line_ends}, column {column}: {problem}")

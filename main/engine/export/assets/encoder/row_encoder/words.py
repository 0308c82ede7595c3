"""Text to hashed rows: words, word n-grams, then character n-grams within <word>, until there are `maxTokens`."""

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Iterator
from itertools import islice
from typing import Any

from .murmur import hash_row
from .rules import CellError, compiled, rules

_WORD_SEED, _CHARACTER_SEED = 0, 1


def text_rows(text: str, options: dict[str, Any]) -> list[int]:
    """Rows 1 … `buckets` of the tokens of a text, in order; repeats count."""
    return [hash_row(token, options["buckets"], seed) for token, seed in islice(_tokens(text, options), options["maxTokens"])]


def _tokens(text: str, options: dict[str, Any]) -> Iterator[tuple[str, int]]:
    words = list(islice(words_of(text), options["maxTokens"]))
    for n in range(1, options["wordNgrams"] + 1):
        for i in range(len(words) - n + 1):
            yield " ".join(words[i : i + n]), _WORD_SEED
    if options["charNgrams"] is None:
        return
    shortest, longest = options["charNgrams"]
    for word in words:
        marked = f"<{word}>"
        for n in range(shortest, min(longest, len(marked)) + 1):
            for i in range(len(marked) - n + 1):
                yield marked[i : i + n], _CHARACTER_SEED


def words_of(text: str) -> Iterator[str]:
    """The words of a text, lower-case, in order: runs of letters and digits, without markup."""
    rule = rules()["words"]
    if "<" in text or "&" in text:
        entities: dict[str, str] = rules()["entities"]
        text = re.sub("(?ai)&[a-z]+;|&#39;", lambda entity: entities.get(entity[0].lower(), " "), compiled(rule["tag"]).sub(" ", text))
    for run in compiled(rule["run"]).finditer(unicodedata.normalize("NFKC", text).lower()):
        if compiled(rule["unspaced"]).search(run[0]):
            yield from _segments(run[0])
        else:
            yield run[0].replace("\u2019", "'")


def _segments(run: str) -> Iterator[str]:
    """Words of a script that writes no spaces (Han, kana, Thai, Lao, Khmer, Myanmar), by the dictionaries of ICU, which Pylon uses too."""
    try:
        icu: Any = importlib.import_module("icu")
    except ImportError:
        message = f'"{run[:20]}" is in a script without spaces between words, which ICU cuts: install PyICU (Debian: python3-icu).'
        raise CellError(message) from None
    breaks = icu.BreakIterator.createWordInstance(icu.Locale.getRoot())
    text = icu.UnicodeString(run)
    breaks.setText(text)
    begin = 0
    for end in breaks:
        if breaks.getRuleStatus() >= 100:  # 0 to 99: no word (ubrk.h)
            yield str(text[begin:end])
        begin = end

"""Texts in Chinese and English."""

from __future__ import annotations

import re
from typing import Literal

from attrs import frozen

__all__ = ["LANGUAGES", "Language", "Words", "has_han"]

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


def has_han(text: str) -> bool:
    """Whether `text` holds a Han character."""
    return _HAN.search(text) is not None


@frozen
class Words:
    """A text in Chinese, in English, or in both; at least one is there."""

    zh: str | None = None
    en: str | None = None

    @classmethod
    def of(cls, first: str, second: str | None = None) -> Words:
        """Tell which text is Chinese by its Han characters; where that doesn't tell, Chinese comes first."""
        if second is None:
            return cls(zh=first) if has_han(first) else cls(en=first)
        return cls(second, first) if has_han(second) and not has_han(first) else cls(first, second)

    def pick(self, language: Language) -> str:
        """The text in `language`, or in the other one where it is missing."""
        wanted, other = (self.zh, self.en) if language == "zh" else (self.en, self.zh)
        return wanted if wanted is not None else other if other is not None else ""

    def ordered(self, language: Language) -> tuple[str, ...]:
        """The texts that there are, `language` first, unless only their order tells which is which."""
        if self.zh is not None and self.en is not None:
            told_apart = has_han(self.zh) and not has_han(self.en)
            return (self.en, self.zh) if language == "en" and told_apart else (self.zh, self.en)
        return (self.pick(language),)

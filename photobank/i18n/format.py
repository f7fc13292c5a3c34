"""Dates, sizes and numbers the way Dutch and English readers write them."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_decimal

from photobank.i18n.translate import DEFAULT_LANGUAGE, Language

_LOCALES = {"nl": "nl_NL", "en": "en_GB"}
_UNITS = ("B", "kB", "MB", "GB", "TB")
HOME_ZONE = ZoneInfo("Europe/Amsterdam")


def number(value: float, language: Language = DEFAULT_LANGUAGE) -> str:
    """1234.5 → 1.234,5 (nl) or 1,234.5 (en)."""
    return format_decimal(value, locale=_LOCALES[language])


def country(code: str, language: Language = DEFAULT_LANGUAGE) -> str:
    """NL → Nederland (nl) or Netherlands (en); a code that stands for nothing is its own name."""
    return str(Locale.parse(_LOCALES[language]).territories.get(code, code))


def day(value: date, language: Language = DEFAULT_LANGUAGE) -> str:
    """14 december 2026; a moment is put in the organisation's zone first."""
    moment = value.astimezone(HOME_ZONE) if isinstance(value, datetime) else value
    return format_date(moment, "d MMMM y", locale=_LOCALES[language])


def day_short(value: date, language: Language = DEFAULT_LANGUAGE) -> str:
    """14 dec 2026."""
    moment = value.astimezone(HOME_ZONE) if isinstance(value, datetime) else value
    return format_date(moment, "d MMM y", locale=_LOCALES[language]).replace(".", "")


def moment(value: datetime, language: Language = DEFAULT_LANGUAGE) -> str:
    """14 december 2026 14:06."""
    return format_datetime(value, "d MMMM y HH:mm", tzinfo=HOME_ZONE, locale=_LOCALES[language])


def clock(value: datetime, language: Language = DEFAULT_LANGUAGE) -> str:
    """14:06."""
    return format_time(value, "HH:mm", tzinfo=HOME_ZONE, locale=_LOCALES[language])


def size(count: int, language: Language = DEFAULT_LANGUAGE) -> str:
    """1536000 → 1,5 MB: decimal units, as storage is sold and file managers show it."""
    amount = float(count)
    unit = 0
    while round(amount, 1) >= 1000 and unit < len(_UNITS) - 1:
        amount /= 1000
        unit += 1
    shown = format_decimal(amount, format="#,##0.#" if unit and amount < 100 else "#,##0", locale=_LOCALES[language])
    return f"{shown} {_UNITS[unit]}"

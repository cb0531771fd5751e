"""The bank holidays of England and Wales by hand, as GOV.UK lists them, and working days.

Apart from the product's own calendar, so that the two can disagree.
"""

from __future__ import annotations

from datetime import date, timedelta

_BANK_HOLIDAYS = """
2010 0101 0402 0405 0503 0531 0830 1227 1228
2011 0103 0422 0425 0429 0502 0530 0829 1226 1227
2017 0102 0414 0417 0501 0529 0828 1225 1226
2018 0101 0330 0402 0507 0528 0827 1225 1226
2019 0101 0419 0422 0506 0527 0826 1225 1226
2020 0101 0410 0413 0508 0525 0831 1225 1228
2021 0101 0402 0405 0503 0531 0830 1227 1228
2022 0103 0415 0418 0502 0602 0603 0829 0919 1226 1227
2023 0102 0407 0410 0501 0508 0529 0828 1225 1226
2024 0101 0329 0401 0506 0527 0826 1225 1226
2025 0101 0418 0421 0505 0526 0825 1225 1226
2026 0101 0403 0406 0504 0525 0831 1225 1228
"""
BANK_HOLIDAYS = tuple(
    date(int(line[:4]), int(each[:2]), int(each[2:]))
    for line in _BANK_HOLIDAYS.strip().splitlines()
    for each in line.split()[1:]
)


def working_days_later(day: date, count: int) -> date:
    """Find the working day that is so many after another."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5 and day not in BANK_HOLIDAYS
    return day


def next_bank_holiday(day: date) -> date:
    """Find the first bank holiday after a day."""
    return next(each for each in BANK_HOLIDAYS if each > day)

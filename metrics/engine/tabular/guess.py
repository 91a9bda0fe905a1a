"""A first mapping for a file, from the names (English and Chinese) and looks of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from .dates import pivot_of
from .detect import Preview
from .errors import MappingError
from .mapping import ColumnPlan, Mapping, Unpivot
from .profile import ColumnProfile
from .slugs import signature, unique_keys

LATEST_YEAR = 2040  # two-digit years are never read as later than this unless the caller says otherwise

_CODE_NAME = re.compile(
    r"(?:^|[\s_\-/#.])(?:id|ids|no|nr|num|number|code|key|zip|zipcode|postcode|phone|tel|mobile|sku|ean|isbn|fips)$|"
    r"(?-i:[a-z](?:ID|Id|No|Num|Code|Key)$)|^(?:[a-z]+num|#)$|"
    r"(?:postal|zip)\s*code|编号|编码|代码|单号|电话|手机|邮编|账号|序号|流水号",
    re.I,
)
# A number under one of these says where or when, not how much.
_PLACE_OR_TIME_NAME = re.compile(
    r"^(?:lat|lon|lng|latitude|longitude|year|month|day|week|quarter|hour|fy|weekday|depth|rank|"
    r"年|年份|年度|月|月份|日|周|季度|ann[ée]e)$",
    re.I,
)
_ROW_KEY_NAME = re.compile(
    r"row\s*id|^id$|detail|line\s*(?:id|no)|transaction|uuid|guid|编号|流水号|单号|序号|^#$", re.I
)
_INSTANT_HINTS = (
    (re.compile(r"^(?:date|日期|时间|timestamp|datetime|time|ds|period|day)$", re.I), 5),
    (re.compile(r"order|invoice|sale|transaction|payment|place|award|下单|订单|交易|销售|付款|开票", re.I), 4),
    (re.compile(r"open|created?|start|begin|confirm|创建|开始|发生", re.I), 3),
    (re.compile(r"date|日期|time|时间", re.I), 1),
    (
        re.compile(
            r"ship|deliver|end|close|due|birth|death|update|modif|last|lock|发货|截止|结束|生日|更新|到期", re.I
        ),
        -4,
    ),
)


def guess_mapping(preview: Preview, *, latest_year: int = LATEST_YEAR) -> Mapping:
    """Propose roles, keys and types for every column of the preview's table.

    The instant is the date column whose name and completeness speak most for it; numbers are measures unless their
    names say code, year or place; everything else is a dimension. A wide table gets an unpivot.
    """
    keys = unique_keys(preview.names)
    instant = _instant(preview.columns)
    unpivot = _unpivot(preview, keys)
    wide = set(unpivot.sources) if unpivot else set()
    row_key = _row_key(preview.columns)
    plans = []
    for column in preview.columns:
        if column.source in wide:
            continue
        role, kind = _role(column, is_instant=not unpivot and column is instant, is_key=column is row_key)
        if unpivot and (role == "measure" or preview.raw_names.count(preview.raw_names[column.source]) > 1):
            role = "ignore"  # a yearly total or a footnote would be repeated beside every period
        plans.append(
            ColumnPlan(
                source=column.source,
                name=column.name,
                key=keys[column.source],
                label=column.name,
                role=role,
                type=kind,
                required=role == "instant",
                date_order=column.date_order,
                pivot=pivot_of(column.evidence.two_digit_years, latest_year),
            )
        )
    return Mapping(
        kind=preview.kind,
        columns=tuple(plans),
        encoding=preview.encoding or "utf-8",
        delimiter=preview.delimiter or ",",
        sheet=preview.sheet,
        header_rows=preview.header_rows,
        skip_rows=preview.first_data,
        decimal=preview.decimal,
        epoch_1904=preview.epoch_1904,
        unpivot=unpivot,
        names=preview.names,
    )


def refit(mapping: Mapping, preview: Preview) -> Mapping:
    """The remembered mapping on another file with the same header: layout from the file, meaning from the mapping.

    Raises MappingError where the headers differ.
    """
    if mapping.signature != signature(preview.names):
        raise MappingError("mapping_other_header", place="names", problem="header")
    return replace(
        mapping,
        kind=preview.kind,
        encoding=preview.encoding or mapping.encoding,
        delimiter=preview.delimiter or mapping.delimiter,
        sheet=preview.sheet,
        header_rows=preview.header_rows,
        skip_rows=preview.first_data,
        epoch_1904=preview.epoch_1904,
    )


def _instant(columns: Sequence[ColumnProfile]) -> ColumnProfile | None:
    dated = [column for column in columns if column.type in ("date", "datetime")]
    return max([c for c in dated if _is_clean(c)] or dated, key=_instant_score, default=None)


def _is_clean(column: ColumnProfile) -> bool:
    return column.dates >= _CLEAN * column.values


def _instant_score(column: ColumnProfile) -> tuple[float, int]:
    named = sum(weight for pattern, weight in _INSTANT_HINTS if pattern.search(column.name))
    complete = column.values / max(1, column.rows)
    return named + 4 * complete, -column.source


def _row_key(columns: Sequence[ColumnProfile]) -> ColumnProfile | None:
    unique = [c for c in columns if c.is_unique and c.type in ("number", "text") and _is_code(c.name)]
    return next((c for c in unique if _ROW_KEY_NAME.search(c.name)), unique[0] if unique else None)


def _is_code(name: str) -> bool:
    return _CODE_NAME.search(name.strip()) is not None


def _role(column: ColumnProfile, *, is_instant: bool, is_key: bool) -> tuple[str, str]:
    if is_instant:
        return "instant", column.type
    if is_key:
        return "key", "text"
    if not column.values:
        return "ignore", "text"
    if column.type == "number":
        if _is_code(column.name):
            return "dimension", "text"  # codes keep their leading zeros and letters to come
        return ("dimension" if _PLACE_OR_TIME_NAME.search(column.name.strip()) else "measure"), "number"
    if column.type in ("date", "datetime") and not _is_clean(column):
        return "dimension", "text"  # "not captured" among the dates of a mere attribute should refuse no row
    return "dimension", column.type


def _unpivot(preview: Preview, keys: Sequence[str]) -> Unpivot | None:
    if not preview.wide:
        return None
    from_names = [preview.raw_names[source] for source in preview.wide]
    year_source = None
    if any(not _has_year(name) for name in from_names):
        year_source = next((c.source for c in preview.columns if _YEAR_NAME.search(c.name.strip())), None)
        if year_source is None:
            return None
    taken = set(keys)
    value_key = next(key for key in ("value", "amount_value", "unpivoted_value") if key not in taken)
    instant_key = next(key for key in ("period", "period_start", "unpivoted_period") if key not in taken)
    return Unpivot(tuple(preview.wide), value_key=value_key, instant_key=instant_key, year_source=year_source)


_CLEAN = 0.95  # share of dates from which the rest are mistakes rather than words with a meaning
_YEAR_NAME = re.compile(r"^(?:year|年|年份|年度|fy|ann[ée]e|jahr)$", re.I)


def _has_year(name: str) -> bool:
    return re.search(r"(?:18|19|20|21)\d\d", name) is not None

"""A small safe language for measures (`quantity * unit_price`), filters (`country = "France"`) and formulas over KPIs.

`parse`, then `check` against the names that exist; after that `compile_sql`, `evaluate` or `evaluate_row`.
"""

from metrics.engine.expressions.checker import check
from metrics.engine.expressions.errors import MESSAGES, ExpressionError
from metrics.engine.expressions.evaluation import Value, evaluate, evaluate_row
from metrics.engine.expressions.nodes import Node, Type, names, rename
from metrics.engine.expressions.parser import parse
from metrics.engine.expressions.sql import DimensionColumn, NumberColumn, Resolver, compile_sql
from metrics.engine.expressions.text import to_text

__all__ = [
    "MESSAGES",
    "DimensionColumn",
    "ExpressionError",
    "Node",
    "NumberColumn",
    "Resolver",
    "Type",
    "Value",
    "check",
    "compile_sql",
    "evaluate",
    "evaluate_row",
    "names",
    "parse",
    "rename",
    "to_text",
]

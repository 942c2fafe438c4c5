"""A check of our own: runs the answer on a small database and compares the rows."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from pytest_promptdrift import CheckResult

if TYPE_CHECKING:
    from pytest_promptdrift import CheckContext

SHOP = """
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, city TEXT);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers(id), total REAL, day TEXT
);
INSERT INTO customers VALUES
  (1, 'Ada', 'Berlin'), (2, 'Bert', 'Berlin'), (3, 'Carl', 'Hamburg'), (4, 'Dora', 'Hamburg');
INSERT INTO orders VALUES
  (1, 1, 20.0, '2026-01-02'), (2, 1, 30.0, '2026-01-05'), (3, 1, 40.0, '2026-02-01'),
  (4, 2, 80.0, '2026-02-03'), (5, 3, 20.0, '2026-02-04');
PRAGMA query_only = ON;
"""


def returns_expected_rows(context: CheckContext) -> CheckResult:
    """Pass when the query gives the expected rows; the order counts as the query leaves it."""
    database = sqlite3.connect(":memory:")
    try:
        database.executescript(SHOP)
        rows = [list(row) for row in database.execute(context.response.text.strip().rstrip(";"))]
    except sqlite3.Error as error:
        return CheckResult(name="rows", passed=False, reason=f"SQLite says: {error}")
    finally:
        database.close()
    passed = rows == context.expected
    return CheckResult(name="rows", passed=passed, reason=f"the query gives {rows}")

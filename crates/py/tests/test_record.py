"""What services tell, as objects."""

from __future__ import annotations

from whimbrel._record import Record


def test_equal_records_have_one_hash_in_whatever_order_they_were_told() -> None:
    one, same = Record({"a": 1, "b": ["c"]}), Record({"b": ["c"], "a": 1.0})
    assert one == same and len({one, same}) == 1
    other = Record({"a": 2, "b": ["c"]})
    assert one != other and hash(one) != hash(other)

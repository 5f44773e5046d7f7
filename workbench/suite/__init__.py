"""A policy's tests: cases beside the rules, and what must follow from each.

file (`table`, `sheet`) -> rows (`row`) -> decisions (`bench`) -> differences (`judgement`)
-> what is told of them (`telling`); `plugin` makes each row an item of pytest.
"""

"""What a policy's tests reach: every rule and every literal of it, by the rules' own companions.

rows -> what fired, and what alone held a rule back (`evidence`, `criteria`: observations)
-> each rule with its literals (`measure`) -> text, page (`page`), data
"""

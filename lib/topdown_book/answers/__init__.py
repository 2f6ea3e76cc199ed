"""Answers in plain words: one function a question, from `Results` to a paragraph.

Every number comes from the records, and so does the wording: each function states in its docstring
the rule by which it decides what to say.
"""

"""topdown_book: the companion of the paper, from the store of records to the pages of the book.

    store <- figures <- claims, page <- cli;  bench stands beside them

Each line imports only what is to the left of it, and the library, `topdown`.
"""

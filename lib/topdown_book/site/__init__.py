"""A Sphinx extension: makes the book's pages of what its notebooks have shown.

    figures    outputs become real figures and tables, in the order in which a page is read
    numbers    they are numbered as in the paper, or C1, C2, ... where they are our own
    pages      what every page's HTML lacks: names, descriptions, less weight
    previews   what a link to a term, an equation, a figure or a reference shows on hovering
    panels     a figure, or a part of it, on another page
    api        the public names of the library, from their docstrings
"""

from __future__ import annotations

from topdown_book.site import api, figures, numbers, pages, panels, previews


def setup(app) -> dict:
    """Called by Sphinx."""
    for part in (figures, numbers, panels, api, pages, previews):
        part.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

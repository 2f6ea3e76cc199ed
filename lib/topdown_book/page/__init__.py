"""What a notebook calls: `figure = page.open_figure("fig3", globals())`, then compute and show."""

from topdown_book.page.notebook import open_figure

__all__ = ["open_figure"]

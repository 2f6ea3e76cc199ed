"""`python -m topdown`."""

from topdown_book.cli.main import main

main()

"""`python -m topdown`."""

from topdown.cli import main

main()

"""The command `topdown`, also as `python -m topdown_book`."""

import sys


def main() -> None:
    """Run the command; where the library was installed without the companion's packages, say so."""
    try:
        from topdown_book.cli.main import main as command

        command()
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("topdown"):
            raise
        sys.exit(f"topdown: the package {error.name} is not installed; the command needs those of "
                 "the companion: pip install 'topdown[companion,figures]'")


if __name__ == "__main__":
    main()

"""The two houses: which part imports which, and how long each is; read from the code itself."""

import pandas as pd

from topdown_book.figures._drawing import Drawing, Table
from topdown_book.figures._study import Page
from topdown_book.figures._theme import PAGE, PALETTE, theme
from topdown_book.store import dependencies

FIGURE = Page("The two houses, and who imports whom")
HOUSES = {"topdown": "library", "topdown_book": "companion"}
STEPS = {"topdown": 100, "topdown_book": 100}
SOURCES = (".py", ".yml", ".csv")


def part(module: str) -> str:
    """The file or folder of a house to which a module belongs: "topdown.rules"."""
    return ".".join(module.split(".")[:2])


def parts(house: str) -> dict[str, set[str]]:
    """Every part of a house, with the parts of either house that it imports; in no `__init__`."""
    found: dict[str, set[str]] = {}
    for module in dependencies.modules(house):
        others = {part(name) for name in dependencies.imports(module)} - {part(module)}
        found.setdefault(part(module), set()).update(others)
    return {name: others for name, others in found.items() if not name.endswith("__main__")}


def floors(graph: dict[str, set[str]]) -> dict[str, int]:
    """The floor of every part: 0 for what imports nothing of its house, else one above the rest."""
    def floor(name: str) -> int:
        below = graph[name] & graph.keys()
        return 1 + max(map(floor, below)) if below else 0

    return {name: floor(name) for name in graph}


def direct(graph: dict[str, set[str]]) -> list[tuple[str, str]]:
    """The imports within a house that do not follow from others: no arrow past a floor between."""
    def reach(name: str) -> set[str]:
        below = graph[name] & graph.keys()
        return below.union(*map(reach, below))

    return [(name, other) for name, others in graph.items() for other in others & graph.keys()
            if not any(other in reach(between) for between in others & graph.keys())]


def lines(path: str) -> int:
    """Lines of all sources of a house, or of one of its parts, given as a module."""
    place = dependencies.LIB.joinpath(*path.split("."))
    files = place.rglob("*") if place.is_dir() else [place.with_suffix(".py")]
    return sum(len(f.read_text().splitlines()) for f in files if f.suffix in SOURCES)


def sizes_in_words() -> str:
    """The line of the README: the size of both houses, rounded up so that it does not age daily."""
    counts = {house: -(-lines(house) // step) * step for house, step in STEPS.items()}
    return " and ".join(f"`lib/{house}` has at most {count:,} lines"
                        for house, count in counts.items())


def draw(settings: dict) -> dict[str, Drawing | Table]:
    """The `picture` of the imports, and the `sizes` of all parts."""
    graphs = {house: parts(house) for house in HOUSES}
    rows = [dict(house=house, part=name.partition(".")[2], lines=lines(name), floor=floor,
                 imports=", ".join(sorted(o.partition(".")[2] for o in graph[name] & graph.keys())))
            for house, graph in graphs.items() for name, floor in floors(graph).items()]
    data = pd.DataFrame(rows)
    with theme():
        from matplotlib import pyplot as plt

        figure, axes = plt.subplots(1, 2, figsize=(PAGE, 4.6), width_ratios=(1.15, 1))
        for axis, (house, graph), letter in zip(axes, graphs.items(), "ab"):
            _house(axis, graph)
            axis.set_title(f"{letter}  {HOUSES[house]}, {lines(house):,} lines")
    listed = "; ".join(f"{row.house}.{row.part} imports {row.imports or 'nothing of its house'}"
                       for row in data.itertuples())
    alt = f"Two diagrams of boxes on floors, arrows downwards for imports. {listed}."
    table = data.drop(columns="floor").sort_values(["house", "lines"], ascending=[True, False])
    return {"picture": Drawing(figure, alt, _CAPTION, data),
            "sizes": Table(table, "Every part of the two houses: its lines, comments and "
                                  "documentation included, and what it imports.", table)}


def _house(axis, graph: dict[str, set[str]]) -> None:
    """Boxes floor by floor, from below; an arrow from whoever imports to what is imported."""
    level = floors(graph)
    places = {}
    for floor in sorted(set(level.values())):
        names = sorted(name for name in graph if level[name] == floor)
        for k, name in enumerate(names):
            places[name] = ((k + 1) / (len(names) + 1), floor)
    for name, other in direct(graph):
        axis.annotate("", _edge(places[other], 0.22), _edge(places[name], -0.22), arrowprops=dict(
            arrowstyle="-|>", color=PALETTE["grey"], lw=0.9, shrinkA=0, shrinkB=0), zorder=1)
    for name, place in places.items():
        axis.text(*place, f"{name.partition('.')[2]}\n{lines(name):,}", ha="center", va="center",
                  fontsize=7.5, zorder=2, bbox=dict(boxstyle="round,pad=0.35", fc="#E8F5F0",
                                                    ec=PALETTE["green"], lw=1))
    axis.set(xlim=(0, 1), ylim=(-0.5, max(level.values()) + 0.5), xticks=[], yticks=[])
    axis.grid(False)
    for spine in axis.spines.values():
        spine.set_visible(False)


def _edge(place, shift: float):
    return place[0], place[1] + shift


_CAPTION = (
    "Which part imports which, read from the import statements: (a) the library, (b) the "
    "companion, every part of which may import the library. Arrows go down, from whoever imports; "
    "those that follow from others are left out. Numbers are lines."
)

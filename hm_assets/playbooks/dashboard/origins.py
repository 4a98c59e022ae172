"""Where a figure comes from, as attributes of the page.

A figure carries `data-asset`, `data-segment`, `data-kind`, `data-fact`, `data-field` and `data-value` as in playbooks.
In a table, what all figures of a line have in common stands once, on the line: an attribute that a figure lacks is that
of the nearest element around it that has it.
"""

from collections.abc import Iterator, Mapping

from hm_assets.playbooks.dashboard.parts import Line, Marked
from hm_assets.playbooks.metrics.figure import Figure

NAMES = ("asset", "segment", "kind", "fact", "field")


def of_figure(figure: Figure, said: Mapping[str, str] | None = None) -> dict[str, str]:
    """The attributes that a figure needs besides those that were `said` around it."""
    own = {f"data-{name}": str(getattr(figure, name)) for name in NAMES}
    rest = {name: value for name, value in own.items() if name not in (said or {})}
    return rest | {"data-value": repr(figure.value)} | ({"data-assumption": ""} if figure.assumption else {})


def of_line(line: Line) -> dict[str, str]:
    """The attributes that all figures of a line have in common; none where it has fewer than two."""
    found = list(_figures(line))
    if len(found) < 2:
        return {}
    return {
        f"data-{name}": str(getattr(found[0], name))
        for name in NAMES
        if len({str(getattr(figure, name)) for figure in found}) == 1
    }


def _figures(line: Line) -> Iterator[Figure]:
    for cell in line.cells:
        figure = cell.figure if isinstance(cell, Marked) else cell
        if isinstance(figure, Figure):
            yield figure

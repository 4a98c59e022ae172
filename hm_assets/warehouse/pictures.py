"""Pictures: the one palette, and how a matplotlib figure gets into the Dagster UI.

The colours are those of Okabe and Ito, which people with any kind of colour vision tell apart. A picture's title
states its finding.
"""

import base64
import contextlib
import io
from collections.abc import Iterator
from typing import Any

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, YELLOW, BLACK = "#56B4E9", "#CC79A7", "#F0E442", "#000000"
PALETTE = (BLUE, ORANGE, GREEN, VERMILION, SKY, PURPLE, YELLOW, BLACK)
GREY = "#7A838D"


@contextlib.contextmanager
def figure(columns: int = 1, rows: int = 1, width: float = 9.0, height: float = 3.6) -> Iterator[Any]:
    """A figure in the house style, without a display and without global state: `(figure, axes)`.

    Width and height are in inches, of the whole figure.
    """
    import matplotlib as mpl
    from cycler import cycler
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    style: Any = {
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.titlelocation": "left",
        "axes.titlesize": 11,
        "axes.prop_cycle": cycler(color=PALETTE),
        "font.size": 9,
        "legend.frameon": False,
    }
    with mpl.rc_context(style):
        drawn = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(drawn)
        yield drawn, drawn.subplots(rows, columns)


def png(drawn: Any) -> bytes:
    """The figure as PNG; equal figures give equal bytes."""
    buffer = io.BytesIO()
    drawn.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()


def data_address(drawn: Any) -> str:
    """The figure as an address that carries it: a page shows it without asking any server."""
    return f"data:image/png;base64,{base64.b64encode(png(drawn)).decode()}"


def markdown(drawn: Any, title: str) -> str:
    """The figure as a markdown image for the Dagster UI."""
    return f"![{title}]({data_address(drawn)})"

"""The picture that most of the page is made of: dots with their intervals, a line each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hm_assets.warehouse.charts import INK, Trace, axes, interval

NARROW: Mapping[str, Any] = {
    "yaxis.title.text": "",
    "yaxis.tickfont.size": 10,
    "xaxis.title.font.size": 11,
    "margin.r": 8,
    "legend.font.size": 10,
}


@dataclass(frozen=True)
class Dot:
    """A value on the line of a label, with an interval or without."""

    line: str
    value: float
    low: float | None = None
    high: float | None = None


def trace(
    dots: Sequence[Dot],
    name: str,
    colour: str | Sequence[str],
    symbol: str | Sequence[str] = "circle",
    *,
    scale: float = 1.0,
    form: str = ".1f",
    unit: str = "",
    size: int = 11,
    said: bool = False,
) -> Trace:
    """Dots of one kind. `scale` is 100 for shares in per cent; `said` writes each value beside its dot."""
    values = [scale * dot.value for dot in dots]
    lows = [None if dot.low is None else scale * dot.low for dot in dots]
    highs = [None if dot.high is None else scale * dot.high for dot in dots]
    bars = interval(values, lows, highs)
    bars |= {side: [round(v, 6) for v in bars[side]] for side in ("array", "arrayminus")}
    made: Trace = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [round(v, 6) for v in values],
        "y": [dot.line for dot in dots],
        "marker": {"size": size, "symbol": symbol, "color": colour, "line": {"width": 1, "color": INK}},
        "error_x": bars,
        "customdata": [
            "" if low is None or high is None else f" ({low:{form}} to {high:{form}})"
            for low, high in zip(lows, highs, strict=True)
        ],
        "hovertemplate": f"%{{y}}: %{{x:{form}}}%{{customdata}}{unit}<extra>{name}</extra>",
    }
    if said:
        made |= {
            "mode": "markers+text",
            "text": [f"{value:{form}}{unit}" for value in values],
            "textposition": "top center",
            "cliponaxis": False,
        }
    return made


def reach(traces: Sequence[Trace], most: float | None = None) -> dict[str, Any]:
    """An x axis from 0 to beyond the farthest interval (at most `most`), with room so that no mark at 0 is cut."""
    ends = [
        value + above
        for trace in traces
        for value, above in zip(trace["x"], trace["error_x"]["array"], strict=True)
    ]
    far = min(max(ends, default=1.0) or 1.0, most or float("inf"))
    return {"range": [-0.04 * far, 1.06 * far]}


def layout(lines: Sequence[str], x: str, y: str, **more: Any) -> dict[str, Any]:
    """Axes for these lines, the first at the top."""
    yaxis = {
        "type": "category",
        "categoryorder": "array",
        "categoryarray": list(lines)[::-1],
        # Half a line above and below: an interval's cap is not cut.
        "range": [-0.6, len(lines) - 0.4],
    }
    return axes(x, y, **{**more, "yaxis": {**yaxis, **more.get("yaxis", {})}})


def height(lines: int, legend: bool = False) -> int:
    """Room for so many lines."""
    return 110 + 46 * max(lines, 2) + (30 if legend else 0)

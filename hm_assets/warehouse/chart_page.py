"""A page of charts that needs no network: Plotly stands in it once, and the figures lie in a block of JSON.

Scripts run only if their hash is in the page's own content security policy, so nothing in the data can become one. The
same charts give the same bytes.
"""

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from markupsafe import Markup

from hm_assets.warehouse import pages
from hm_assets.warehouse.charts import Chart, Section

SCRIPT = "charts.js.j2"


def render(
    template: str,
    package: str,
    sections: Sequence[Section],
    *,
    scripts: Sequence[str] = (),
    drawing: str = SCRIPT,
    **values: Any,
) -> str:
    """The page as HTML.

    Parameters
    ----------
    template
        A template that extends `charts_page.html.j2`, in the folder `templates` of the package.
    package
        The package.
    sections
        The chapters, in order.
    scripts
        Templates of further scripts of the page, which run after its charts are asked for.
    drawing
        Template of the script that asks for the charts.
    values
        What the templates name: `title`, `headline`, `as_of`, `month`, `source_name`, `versions` (table -> version),
        and more as the template asks for.

    Raises
    ------
    ValueError
        A figure holds a number that is not finite.
    """
    charts = {b.name: b.plotly() for s in sections for b in s.blocks if isinstance(b, Chart)}
    environment = pages.environment(package)
    assert environment.loader is not None
    own = [environment.loader.get_source(environment, name)[0].strip() for name in (drawing, *scripts)]
    plotly = _plotly()
    return environment.get_template(template).render(
        sections=sections,
        figures=as_json(charts),
        plotly=Markup(plotly),
        scripts=[Markup(script) for script in own],
        hashes=[_hash(script) for script in (plotly, *own)],
        **values,
    )


def as_json(value: Any) -> Markup:
    """JSON that cannot end the element it stands in."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return Markup(text.replace("<", "\\u003c").replace("&", "\\u0026"))


def _hash(script: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()


@cache
def _plotly() -> str:
    from plotly.offline import get_plotlyjs

    # The HTML parser turns \r\n into \n before the browser takes the hash.
    text = str(get_plotlyjs()).replace("\r\n", "\n").replace("\r", "\n")
    if "</script" in text.lower():
        raise ValueError(
            "plotly.js holds an end tag and cannot stand in a page; use another version of plotly"
        )
    return text

"""Pages from templates: those of a package, on top of the page that all share (`warehouse/templates`)."""

from functools import cache
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


@cache
def environment(package: str) -> Environment:
    """Templates of a package: text is escaped, an unknown name is an error, `unbroken` keeps a figure with its %."""
    made = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("hm_assets.warehouse")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["unbroken"] = lambda text: str(text).replace(" %", "\u00a0%")
    return made


def render(package: str, template: str, **values: Any) -> str:
    """A template of the package as HTML."""
    return environment(package).get_template(template).render(**values)

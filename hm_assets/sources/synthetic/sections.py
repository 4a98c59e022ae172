"""The 57 sections of the made-up shop and which products they take; two share a name, so a name is no key."""

from typing import Final

_PREFIXES: Final = ("Ladies", "Divided", "Mens", "Kids", "Sport")  # of taxonomy.GROUPS
_SECTION_THEMES: Final = (
    "Everyday,Essentials,Trend,Office,Evening,Weekend,Lounge,Knit Room,Denim Room,Outer Layer,Dress Studio,"
    "Linen,Curves,Mother to be,Lingerie,Night,Legwear,Swim,Small Accessories,Big Accessories,Shoes,Other",
    "Basics,Collection,Denim,Projects,Accessories,Swim,Complements,Shoes,Selected",
    "Everyday,Tailoring,Denim,Knit,Outer Layer,Underwear,Swim,Shoes,Accessories,Loose Fit,Premium,Lounge",
    "Newborn,Toddler Girl,Toddler Boy,Small Girl,Small Boy,Big Girl,Big Boy,Outer Layer,Accessories and Swim,"
    "Shoes",
    "Ladies Training,Mens Training,Running,Accessories",
)


# The categories a section is for; the others are for the clothes that need no section of their own.
_SECTION_FOR: Final = {
    "Office": (0, 1),
    "Knit Room": (0,),
    "Denim Room": (1,),
    "Denim": (1,),
    "Outer Layer": (0,),
    "Dress Studio": (2,),
    "Lingerie": (3,),
    "Underwear": (3, 7),
    "Night": (8,),
    "Lounge": (8, 1),
    "Legwear": (7,),
    "Swim": (5,),
    "Accessories and Swim": (4, 5),
    "Small Accessories": (4,),
    "Big Accessories": (4,),
    "Accessories": (4,),
    "Complements": (3, 7, 8),
    "Shoes": (6,),
}
_CLOTHES: Final = (0, 1, 2)


def sections_for(group: int, category: int) -> list[int]:
    """Return the sections (indexes into ``sections()``) that take a group's products of a category."""
    themes = [theme for line in _SECTION_THEMES for theme in line.split(",")]
    own = [row for row, (_, _, owner) in enumerate(sections()) if owner == group]
    fit = [row for row in own if category in _SECTION_FOR.get(themes[row], _CLOTHES)]
    return fit or [row for row in own if themes[row] not in _SECTION_FOR]


def sections() -> list[tuple[int, str, int]]:
    """Return (number, name, group) of all 57 sections; two numbers share a name, so a name is no key."""
    rows: list[tuple[int, str, int]] = []
    for group, themes in enumerate(_SECTION_THEMES):
        for theme in themes.split(","):
            rows.append((2 + len(rows) + 3 * group, f"{_PREFIXES[group]} {theme}", group))
    number, _, group = rows[21]
    rows[21] = (number, rows[2][1], group)
    return rows

"""The shelves of the made-up shop: categories, product types, customer groups, colours.

Column meanings and the top-level names follow the public H&M schema, so that code written for it runs; types,
sections, departments and everything below are this project's own.
"""

from dataclasses import dataclass
from typing import Final

CATEGORIES: Final = (
    "Garment Upper body",
    "Garment Lower body",
    "Garment Full body",
    "Underwear",
    "Accessories",
    "Swimwear",
    "Shoes",
    "Socks & Tights",
    "Nightwear",
)
SEASON_KINDS: Final = ("all", "winter", "summer")
GROUPS: Final = ("Ladieswear", "Divided", "Menswear", "Baby/Children", "Sport")
GROUP_NUMBERS: Final = (1, 2, 3, 4, 26)
COLOUR_FAMILIES: Final = (
    "Black",
    "Blue",
    "White",
    "Pink",
    "Grey",
    "Red",
    "Beige",
    "Green",
    "Yellow",
    "Metal",
)

# Shares of the catalogue and of the lines, by group and by category (category order as above).
GROUP_CATALOGUE: Final = (0.376, 0.144, 0.119, 0.329, 0.032)
GROUP_DEMAND: Final = (0.63, 0.20, 0.07, 0.06, 0.04)
CATEGORY_CATALOGUE: Final = (0.405, 0.188, 0.126, 0.055, 0.108, 0.035, 0.050, 0.023, 0.018)
CATEGORY_DEMAND: Final = (0.385, 0.210, 0.115, 0.080, 0.060, 0.080, 0.032, 0.024, 0.014)

# How usual a category is within a group, beside the group's and the category's own weight.
AFFINITY: Final = (
    (1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0),
    (1.0, 1.0, 1.0, 0.5, 1.0, 0.6, 0.8, 0.5, 0.4),
    (1.2, 1.3, 0.05, 0.8, 0.6, 0.4, 0.8, 1.0, 0.4),
    (1.1, 1.1, 0.8, 0.6, 1.0, 0.7, 1.0, 1.2, 1.3),
    (1.3, 1.4, 0.05, 0.6, 0.5, 0.3, 0.7, 0.6, 0.03),
)


@dataclass(frozen=True)
class ProductType:
    """A kind of product: its shelf, its usual price in cents, its season and the topics its texts draw on."""

    number: int
    name: str
    category: int
    garment_group: str
    cents: int
    season: str
    topics: tuple[str, ...]
    weight: float = 1.0
    shelf: str = ""  # product_group_name where it is not the category's

    @property
    def product_group(self) -> str:
        """The product_group_name column."""
        return self.shelf or CATEGORIES[self.category]


_RAW_TYPES: Final = (
    (255, "T-shirt", 0, "Jersey Basic", 999, "all", "jersey print", 4.0),
    (253, "Vest top", 0, "Jersey Basic", 799, "summer", "jersey sport", 2.4),
    (254, "Top", 0, "Jersey Fancy", 1299, "all", "jersey", 3.0),
    (252, "Sweater", 0, "Knitwear", 1999, "winter", "knit", 3.4),
    (245, "Cardigan", 0, "Knitwear", 2299, "winter", "knit", 1.3),
    (268, "Hoodie", 0, "Jersey Fancy", 1999, "all", "sport jersey", 1.2),
    (258, "Blouse", 0, "Blouses", 1999, "all", "tailored party", 2.2),
    (259, "Shirt", 0, "Shirts", 1999, "all", "tailored denim", 1.7),
    (246, "Polo shirt", 0, "Jersey Fancy", 1499, "summer", "jersey tailored", 0.4),
    (262, "Jacket", 0, "Outdoor", 3999, "winter", "outerwear denim", 1.5),
    (263, "Coat", 0, "Outdoor", 5999, "winter", "outerwear tailored", 0.6),
    (264, "Blazer", 0, "Dressed", 3999, "all", "tailored", 0.8),
    (256, "Bodysuit", 0, "Jersey Fancy", 1299, "all", "jersey lingerie", 0.6),
    (248, "Waistcoat", 0, "Outdoor", 2999, "winter", "outerwear", 0.2),
    (272, "Trousers", 1, "Trousers", 2299, "all", "tailored", 3.6),
    (271, "Jeans", 1, "Trousers Denim", 2999, "all", "denim", 2.2),
    (274, "Shorts", 1, "Shorts", 1499, "summer", "denim", 1.6),
    (275, "Skirt", 1, "Skirts", 1799, "all", "party tailored", 1.5),
    (273, "Leggings", 1, "Jersey Basic", 999, "all", "sport jersey", 1.0),
    (276, "Joggers", 1, "Jersey Fancy", 1999, "all", "sport jersey", 0.8),
    (265, "Dress", 2, "Dresses Ladies", 2499, "summer", "party", 4.0),
    (267, "Jumpsuit", 2, "Dresses Ladies", 2999, "summer", "party tailored", 0.8),
    (270, "Dungarees", 2, "Trousers Denim", 2999, "all", "denim", 0.4),
    (351, "Overalls", 2, "Trousers", 3499, "all", "denim outerwear", 0.3),
    (352, "Tracksuit", 2, "Jersey Fancy", 2999, "all", "sport", 0.3),
    (269, "Pinafore", 2, "Dresses/Skirts girls", 1999, "all", "print jersey", 0.4),
    (306, "Bra", 3, "Under-, Nightwear", 1799, "all", "lingerie", 2.0),
    (286, "Briefs", 3, "Under-, Nightwear", 899, "all", "lingerie jersey", 2.0),
    (289, "Boxers", 3, "Under-, Nightwear", 1499, "all", "jersey lingerie", 0.7),
    (290, "Shape shorts", 3, "Under-, Nightwear", 1499, "all", "lingerie", 0.3),
    (67, "Belt", 4, "Accessories", 999, "all", "bags", 0.8),
    (66, "Bag", 4, "Accessories", 1999, "all", "bags", 1.4),
    (70, "Earrings", 4, "Accessories", 699, "all", "jewellery", 1.8),
    (71, "Necklace", 4, "Accessories", 899, "all", "jewellery", 1.0),
    (72, "Ring", 4, "Accessories", 699, "all", "jewellery", 0.5),
    (73, "Beanie", 4, "Accessories", 799, "winter", "knit", 0.8),
    (74, "Scarf", 4, "Accessories", 1299, "winter", "knit", 0.8),
    (75, "Gloves", 4, "Accessories", 999, "winter", "knit", 0.5),
    (69, "Cap", 4, "Accessories", 999, "summer", "bags", 0.7),
    (81, "Sunglasses", 4, "Accessories", 999, "summer", "jewellery", 0.9),
    (83, "Umbrella", 4, "Accessories", 1299, "all", "outerwear", 0.10),
    (84, "Umbrella", 4, "Accessories", 1799, "all", "outerwear", 0.05),
    (79, "Hair accessory", 4, "Accessories", 499, "all", "jewellery", 1.2),
    (57, "Bikini top", 5, "Swimwear", 1499, "summer", "swim", 2.2),
    (59, "Bikini bottoms", 5, "Swimwear", 999, "summer", "swim", 2.2),
    (298, "Swimsuit", 5, "Swimwear", 2499, "summer", "swim", 1.0),
    (296, "Swim shorts", 5, "Swimwear", 1799, "summer", "swim sport", 0.7),
    (94, "Sneakers", 6, "Shoes", 2499, "all", "shoes", 1.3),
    (87, "Boots", 6, "Shoes", 3999, "winter", "shoes", 1.2),
    (88, "Sandals", 6, "Shoes", 1999, "summer", "shoes", 1.2),
    (89, "Ballerinas", 6, "Shoes", 1799, "all", "shoes", 0.6),
    (90, "Slippers", 6, "Shoes", 1299, "winter", "shoes", 0.4),
    (302, "Socks", 7, "Socks and Tights", 599, "all", "socks", 2.0),
    (304, "Tights", 7, "Socks and Tights", 799, "winter", "socks", 1.4),
    (303, "Footies", 7, "Socks and Tights", 499, "summer", "socks", 0.5),
    (297, "Pyjamas", 8, "Under-, Nightwear", 1799, "winter", "night", 2.0),
    (299, "Night gown", 8, "Under-, Nightwear", 1499, "all", "night", 1.0),
    (300, "Robe", 8, "Under-, Nightwear", 2499, "winter", "night", 0.6),
    (525, "Lip balm", 4, "Accessories", 399, "all", "care", 0.06, "Cosmetic"),
    (529, "Cosmetic pouch", 4, "Accessories", 799, "all", "care bags", 0.06, "Bags"),
    (532, "Shoe brush", 4, "Accessories", 499, "all", "care", 0.03, "Garment and Shoe care"),
    (483, "Mug", 4, "Accessories", 599, "all", "care", 0.03, "Items"),
    (512, "Notebook", 4, "Accessories", 499, "all", "care", 0.02, "Stationery"),
    (-1, "Unknown", 0, "Unknown", 1499, "all", "jersey knit", 0.05, "Unknown"),
)
TYPES: Final = tuple(
    ProductType(
        number=row[0],
        name=row[1],
        category=row[2],
        garment_group=row[3],
        cents=row[4],
        season=row[5],
        topics=tuple(row[6].split()),
        weight=row[7],
        shelf=row[8] if len(row) > 8 else "",
    )
    for row in _RAW_TYPES
)
# Which customer groups a type is made for (initials of L D M K S); all where it is not listed.
MADE_FOR: Final = {
    "Vest top": "LDMKS",
    "Blouse": "LDK",
    "Cardigan": "LDMK",
    "Sweater": "LDMK",
    "Shirt": "LDMK",
    "Coat": "LDMK",
    "Blazer": "LDMK",
    "Bodysuit": "LDK",
    "Jeans": "LDMK",
    "Skirt": "LDK",
    "Leggings": "LDKS",
    "Dress": "LDK",
    "Jumpsuit": "LDK",
    "Dungarees": "LDK",
    "Pinafore": "K",
    "Overalls": "MK",
    "Tracksuit": "MKS",
    "Bra": "LDS",
    "Boxers": "MKS",
    "Shape shorts": "L",
    "Earrings": "LDK",
    "Necklace": "LDMK",
    "Hair accessory": "LDKS",
    "Bikini top": "LDKS",
    "Bikini bottoms": "LDKS",
    "Swimsuit": "LDKS",
    "Swim shorts": "MK",
    "Boots": "LDMK",
    "Ballerinas": "LDK",
    "Tights": "LDKS",
    "Night gown": "LDK",
}
_INITIALS: Final = "LDMKS"


def types_of(group: int, category: int) -> list[int]:
    """Return the product types (indexes into TYPES) of a group in a category; all where none is its own."""
    shelf = [number for number, item in enumerate(TYPES) if item.category == category]
    own = [number for number in shelf if _INITIALS[group] in MADE_FOR.get(TYPES[number].name, _INITIALS)]
    return own or shelf


GARMENT_GROUPS: Final = tuple(dict.fromkeys(item.garment_group for item in TYPES))

INDEXES: Final = {
    "A": "Ladieswear",
    "B": "Lingeries/Tights",
    "C": "Ladies Accessories",
    "D": "Divided",
    "F": "Menswear",
    "G": "Baby Sizes 50-98",
    "H": "Children Sizes 92-140",
    "I": "Children Sizes 134-170",
    "J": "Children Accessories, Swimwear",
    "S": "Sport",
}
# Index letters that a (group, category) may carry; several mean the product picks one.
_OTHER: Final = {1: "D", 2: "F", 4: "S"}


def index_letters(group: int, category: int) -> str:
    """Return the index codes open to a product of this group and category."""
    if group == 0:
        return "B" if category in (3, 7, 8) else "C" if category in (4, 6) else "A"
    if group == 3:  # Baby/Children
        return "J" if category in (4, 5) else "GHI"
    return _OTHER[group]


# code, name, perceived value, family (perceived master), share of the catalogue
COLOURS: Final = (
    ("09", "Black", "Dark", "Black", 21.5),
    ("73", "Dark Blue", "Dark", "Blue", 11.5),
    ("10", "White", "Light", "White", 9.0),
    ("51", "Light Pink", "Dusty Light", "Pink", 5.5),
    ("07", "Grey", "Medium Dusty", "Grey", 4.3),
    ("12", "Light Beige", "Dusty Light", "Beige", 3.4),
    ("72", "Blue", "Medium", "Blue", 3.2),
    ("42", "Red", "Bright", "Red", 3.0),
    ("71", "Light Blue", "Dusty Light", "Blue", 3.0),
    ("19", "Khaki Green", "Medium Dusty", "Green", 2.8),
    ("08", "Dark Grey", "Dark", "Grey", 2.8),
    ("06", "Light Grey", "Dusty Light", "Grey", 2.4),
    ("11", "Off White", "Light", "White", 2.6),
    ("43", "Dark Red", "Dark", "Red", 2.3),
    ("13", "Beige", "Medium Dusty", "Beige", 2.4),
    ("93", "Dark Green", "Dark", "Green", 2.0),
    ("52", "Pink", "Medium", "Pink", 2.2),
    ("22", "Yellow", "Medium", "Yellow", 1.5),
    ("05", "Gold", "Bright", "Metal", 1.6),
    ("31", "Light Orange", "Dusty Light", "Red", 1.3),
    ("53", "Dark Pink", "Medium Dusty", "Pink", 0.9),
    ("92", "Green", "Medium", "Green", 0.9),
    ("91", "Light Green", "Dusty Light", "Green", 0.8),
    ("14", "Dark Beige", "Medium Dusty", "Beige", 1.0),
    ("03", "Silver", "Bright", "Metal", 0.8),
    ("32", "Orange", "Bright", "Red", 0.8),
    ("23", "Dark Yellow", "Medium Dusty", "Yellow", 0.8),
    ("21", "Light Yellow", "Dusty Light", "Yellow", 0.7),
    ("61", "Light Purple", "Dusty Light", "Pink", 0.8),
    ("83", "Dark Turquoise", "Dark", "Blue", 0.6),
)
COLOUR_VALUES: Final = ("Dark", "Dusty Light", "Light", "Medium Dusty", "Bright", "Medium")

# number, name, share
APPEARANCES: Final = (
    (1010016, "Solid", 47.0),
    (1010001, "All over pattern", 16.0),
    (1010010, "Melange", 5.6),
    (1010017, "Stripe", 4.8),
    (1010023, "Denim", 4.6),
    (1010008, "Front print", 3.2),
    (1010014, "Placement print", 3.0),
    (1010004, "Check", 2.1),
    (1010006, "Dot", 1.6),
    (1010021, "Lace", 1.5),
    (1010005, "Colour blocking", 1.7),
    (1010026, "Other structure", 1.4),
    (1010012, "Mixed solid/pattern", 1.2),
    (1010009, "Glittering/Metallic", 0.9),
    (1010020, "Embroidery", 1.1),
)

DEPARTMENT_LINES: Final = ("Main", "Fashion", "Young", "Projects")

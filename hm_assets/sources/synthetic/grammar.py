"""The shop's own text: planted topics, each with sentences of its own words, and made-up product names.

A text opens with what the product is and goes on with sentences drawn by the product's topic mix, so a topic
model has something true to find. ``[a|b]`` in a template is one choice.
"""

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

from hm_assets.sources.synthetic.arrays import Array

TOPICS: Final = (
    "jersey",
    "knit",
    "denim",
    "tailored",
    "party",
    "outerwear",
    "lingerie",
    "swim",
    "sport",
    "shoes",
    "bags",
    "jewellery",
    "print",
    "socks",
    "night",
    "care",
)

# Topic -> (materials for the opening, sentences)
_SENTENCES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "jersey": (
        "[soft|airy|smooth|slub|organic] [cotton|cotton-blend|viscose] jersey",
        (
            "[Round|Deep|Wide] neckline with a [narrow|ribbed] trim and [short|long|cap] sleeves",
            "A [v-neck|t-shirt|crew-neck] cut with [dropped shoulders|a chest pocket|a rounded hem]",
            "[Long-sleeved|Short-sleeved] and [straight|relaxed|fitted] with a [curved|straight-cut] hem",
            "Jersey that keeps its [shape|stretch] wash after wash, with ribbed [cuffs|edges]",
            "Sold as a [2-pack|3-pack] in [plain|matching] colours of jersey",
        ),
    ),
    "knit": (
        "[fine|chunky|rib|cable|fluffy] [wool-blend|cotton|mohair-blend|alpaca-blend] knit",
        (
            "[Ribbing|Rib-knit edges] around the neckline, cuffs and hem of the knit",
            "A [roll-neck|polo neck|v-neck] with [long|raglan|balloon] sleeves and [wide|deep] ribbing",
            "Knitted in a [cable|moss|waffle] stitch with [dropped shoulders|slits at the sides]",
            "The yarn holds [some wool|recycled wool|alpaca] for a [warm|fluffy|springy] handle",
        ),
    ),
    "denim": (
        "[washed|rigid|stretch|rinsed] [cotton|organic cotton|recycled] denim",
        (
            "5-pocket [cut|model] with a zip fly and button and [slim|straight|tapered|wide] legs",
            "[High|Regular|Low] waist, [worn|frayed|raw-edge] hems and [hard-worn|whiskered] details",
            "Washed denim with [contrast seams|metal rivets|a leather-look patch] and back pockets",
            "Stretch denim that holds the [waist|legs] and gives [room|freedom] at the knee",
        ),
    ),
    "tailored": (
        "[woven|crisp|drapey|checked] [viscose|twill|poplin|stretch weave] fabric",
        (
            "[Notched|Peaked] lapels, [welt|jetted] pockets and a [single|double]-breasted front",
            "[Turn-down|Grandad] collar, buttons down the front and a yoke at the back",
            "[Pressed creases|Pleats] at the front, a concealed hook-and-eye and side pockets",
            "Buttoned cuffs and a [rounded|straight] hem, cut for the [office|desk and after]",
        ),
    ),
    "party": (
        "[crinkled|pleated|shimmering|sequined] [satin|chiffon|velvet|mesh]",
        (
            "[Flared|Tiered|Wrapover] skirt with a seam at the waist and a [jersey|satin] lining",
            "[Puff|Flutter|Balloon] sleeves with [elastic|a frill] and an opening at the back of the neck",
            "[V-neck|Off-the-shoulder] front with [a tie belt|smocking|a flounce] and concealed side zip",
            "[Sequins|Velvet dots|Lace insets] that catch the light from [hem|yoke] to neckline",
        ),
    ),
    "outerwear": (
        "[padded|windproof|water-repellent|quilted] [nylon|cotton twill|wool-blend felt]",
        (
            "[Lined|Detachable] hood, [zip|press-studs] down the front and a wind flap",
            "[Flap|Zipped|Welt] pockets with press-studs and an inner pocket",
            "[Light padding|Recycled padding] keeps warm; the hem has an [elastic|adjustable] drawcord",
            "Stand-up collar, storm cuffs and a [quilted|fleece] lining against rain",
        ),
    ),
    "lingerie": (
        "[stretch lace|microfibre|mesh|soft tulle]",
        (
            "[Underwired|Padded|Soft] cups that shape the bust and [narrow|wide], adjustable shoulder straps",
            "[Hook-and-eye|Front] fastening at the back and [scalloped|lace] edges",
            "[Low|High|Regular] waist with a lined gusset and [cutaway|medium] coverage",
            "Laser-cut edges without seams for an [invisible|smooth] look under clothes",
        ),
    ),
    "swim": (
        "[ribbed|quick-dry|recycled|shiny] swim fabric",
        (
            "[Fully|Partly] lined [bikini|swimsuit] with [ties|rings] at the sides",
            "[Triangle|Bandeau|Balconette] top with removable inserts and a tie at the nape",
            "Dries quickly after the [pool|sea]; the fabric holds against chlorine and sun",
            "[Brazilian|Cheeky|Full] coverage at the back and a [low|mid|high] waist",
        ),
    ),
    "sport": (
        "[fast-drying|functional|breathable|seamless] fabric",
        (
            "[Sports|Training|Running] fit with [mesh panels|flat seams|reflective dots] that breathe",
            "Drawstring in an elastic waist and a [hidden|zipped] key pocket for [runs|the gym]",
            "[Racer back|Raglan sleeves|Thumbholes] that give [free|full] movement",
            "[Brushed|Soft] inside, a [lined|jersey] hood and a kangaroo pocket",
        ),
    ),
    "shoes": (
        "[imitation leather|imitation suede|canvas|grained imitation leather]",
        (
            "[Rubber|Patterned|Chunky] soles and [cotton|fabric] linings and insoles",
            "[Lacing|Elastic gores|An ankle strap] and a loop at the [heel|back]",
            "Heel of about [2|3|5|7] cm, [padded|shaped] at the ankle",
            "[Pointed|Rounded|Open] toes and [moulded|cushioned] soles for long days",
        ),
    ),
    "bags": (
        "[imitation leather|cotton canvas|straw|imitation suede]",
        (
            "[Metal|Magnetic] fastener, an inner compartment and a [detachable|adjustable] strap",
            "[Metal|Covered] buckle; width about [2|3|4] cm",
            "[Two handles|A long strap] and a [zipped|flat] pocket for cards and keys",
            "[Embossed|Braided|Stitched] surface and an adjustable tab at the back",
        ),
    ),
    "jewellery": (
        "[metal|glass|plastic|recycled metal]",
        (
            "[Hoops|Studs|Pendants] with [glass stones|beads|shells] in various sizes",
            "Length about [4|6|40|62] cm with an [adjustable|extender] chain and lobster clasp",
            "A set of [three|six|eight] designs, some [plain|twisted], some with rhinestones",
            "[Tinted|UV-protective] lenses, or a claw, where [plastic|acetate] frames it",
        ),
    ),
    "print": (
        "[printed|patterned] [organic cotton|cotton] jersey",
        (
            "[Motif|Text print|Applique] on the front of a [dinosaur|unicorn|rocket|rabbit|tractor]",
            "Press-studs on one shoulder or along the legs make [changing|dressing] easier",
            "[Ruffled|Gathered] skirt with [butterflies|hearts|stars] printed all over",
            "[Adjustable|Elasticated] waist for the sizes that grow, and [reinforced|lined] knees",
        ),
    ),
    "socks": (
        "[fine-knit|rib|terry|mesh] [cotton blend|nylon]",
        (
            "[3-pack|5-pack|7-pack] with [elastic|soft] tops and [reinforced|seamless] toes",
            "[20|40|60|100] denier with a [comfort|shaping] waist and a flat gusset",
            "[Ankle|Knee|Trainer] length with [silicone|anti-slip] tabs at the heel",
            "Jacquard-knit [stripes|dots|animals] around the [ankle|foot]",
        ),
    ),
    "night": (
        "[flannel|soft modal|brushed cotton|satin weave]",
        (
            "Pyjamas with a [resort collar|piped collar] and long bottoms with an elastic drawstring waist",
            "[Tie belt|Wide cuffs|Patch pockets] on a robe for slow mornings and bedtime",
            "[Lace-trimmed|Loose] night slip for sleeping, with [thin|spaghetti] straps",
            "Brushed flannel for cold nights, [checked|striped] and [cosy|sleepy]",
        ),
    ),
    "care": (
        "[cardboard|stoneware|bristle|cotton canvas]",
        (
            "[Scented|Unscented] balm in a [tin|tube] of [5|10|15] ml for everyday care",
            "Holds about [300|350] ml; [dishwasher|microwave] safe stoneware",
            "[Lined|Squared] pages between [hard|soft] covers, or a brush for cleaning",
        ),
    ),
}
_FITS: Final = (
    "Fitted",
    "Straight-cut",
    "Oversized",
    "Relaxed",
    "Short",
    "Long",
    "Classic",
    "Slim",
    "Light",
    "New",
)
_ONSETS: Final = (
    "al",
    "be",
    "ca",
    "do",
    "el",
    "fi",
    "gre",
    "ha",
    "i",
    "jo",
    "ka",
    "lu",
    "mi",
    "no",
    "or",
    "pi",
)
_NUCLEI: Final = (
    "bel",
    "ran",
    "lin",
    "mor",
    "via",
    "ston",
    "ri",
    "vet",
    "nas",
    "lo",
    "den",
    "sha",
    "ter",
    "wyn",
)
_CODAS: Final = ("", "", "a", "e", "o", "y", "is", "en")
_EXTRAS: Final = ("", "", "", "", "", " v-neck", " 3-pack", " slim", " wide", " HW", " (1)", " SS", " LS")

_Parts = tuple[tuple[str, ...], ...]


def _parts(template: str) -> _Parts:
    """Split a template into its fixed and its chosen parts, in order."""
    return tuple(tuple(piece.split("|")) for piece in re.split(r"[\[\]]", template) if piece)


@cache
def _compiled() -> tuple[tuple[_Parts, tuple[_Parts, ...]], ...]:
    return tuple(
        (_parts(_SENTENCES[topic][0]), tuple(_parts(sentence) for sentence in _SENTENCES[topic][1]))
        for topic in TOPICS
    )


class _Dice:
    """Whole numbers drawn in advance, taken one by one: far quicker than asking the generator each time."""

    def __init__(self, numbers: Array) -> None:
        self._numbers = iter(numbers.tolist())

    def pick(self, choices: Sequence[str]) -> str:
        return choices[self.index(len(choices))]

    def index(self, size: int) -> int:
        return int(next(self._numbers) % size)

    def say(self, parts: _Parts) -> str:
        return "".join(part[0] if len(part) == 1 else self.pick(part) for part in parts)


# No text takes more numbers than this: an opening and five sentences of at most five choices, and a name.
DICE_PER_PRODUCT: Final = 48


def text(kind: str, topics: Sequence[int], dice: Array) -> str:
    """Return a description: an opening from the first topic, then one sentence for each of ``topics``.

    ``dice`` holds at least ``DICE_PER_PRODUCT`` non-negative whole numbers.
    """
    roll = _Dice(dice)
    compiled = _compiled()
    sentences = [f"{roll.pick(_FITS)} {kind.lower()} in {roll.say(compiled[topics[0]][0])}"]
    used: set[tuple[int, int]] = set()
    for topic in topics:
        choices = compiled[topic][1]
        number = roll.index(len(choices))
        if (topic, number) not in used:
            used.add((topic, number))
            sentences.append(roll.say(choices[number]))
    return ". ".join(sentences) + "."


def name(kind: str, dice: Array) -> str:
    """Return a made-up product name; several products may get the same one."""
    roll = _Dice(dice)
    word = roll.pick(_ONSETS) + roll.pick(_NUCLEI) + roll.pick(_CODAS)
    return f"{word.capitalize()} {kind.lower()}{roll.pick(_EXTRAS)}"

"""A small catalogue with planted topics: every product is described with the words of one topic, and some of all."""

import numpy as np

_PLANTED = {
    "Trousers": "denim 5-pocket washed fly jeans button zip legs stretch skinny waist belt-loops",
    "Sweater": "jumper knit ribbing wool cuffs neckline fine-knit raglan mohair cable turtleneck rollneck",
    "Bra": "cups underwired lace straps padded hook-and-eye bust mesh satin lined push-up microfibre",
    "Boots": "leather soles insoles heel suede rubber lacing ankle-height zips linings chunky shaft",
}
_COMMON = "soft cotton long regular short black detail classic"
PLANTED = {kind: words.split() for kind, words in _PLANTED.items()}
COMMON = _COMMON.split()


def catalogue(products: int = 240, seed: int = 0) -> list[dict]:
    """Articles of `articles/articles` as dicts, one or two colours per product."""
    rng = np.random.default_rng(seed)
    kinds = list(PLANTED)
    rows = []
    for i in range(products):
        kind = kinds[i % len(kinds)]
        own = rng.choice(PLANTED[kind], 7, replace=False).tolist()
        some = rng.choice(COMMON, 2, replace=False).tolist()
        told = " ".join(rng.permutation(own + some).tolist()).capitalize() + "."
        rows += [
            {
                "product_code": f"{100000 + i:07}",
                "detail_desc": told,
                "prod_name": f"Style {i}",
                "product_type_name": kind,
                "product_group_name": "Garment",
                "graphical_appearance_name": "Solid",
                "department_name": "Basics",
                "index_name": "Ladieswear",
                "section_name": "Womens Everyday",
                "garment_group_name": None,
            }
            for _ in range(1 + i % 2)
        ]
    return rows


def described(*descriptions: str | None, **more) -> list[dict]:
    """One product for each description, in the order of the codes."""
    empty = dict.fromkeys(catalogue(1)[0])
    return [
        {**empty, "product_code": f"{i:07}", "detail_desc": text, **more}
        for i, text in enumerate(descriptions)
    ]

"""The API for programs: where a customer belongs, what a segment is like, what to show whom.

The model is in memory; a request takes what is published at that moment and works with it to its end. Features are
placed at once; raw purchases take a query and wait beside the other requests.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

import pyarrow as pa
from fastapi import APIRouter, Body, HTTPException, Path
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from hm_assets.serving import products
from hm_assets.serving.messages import (
    EXAMPLES,
    Customer,
    CustomerList,
    Customers,
    Fault,
    Prediction,
    Predictions,
    Profile,
    Recommendations,
)
from hm_assets.serving.pipeline import CustomerSegmentationPipeline
from hm_assets.serving.preprocess import PURCHASES
from hm_assets.serving.published import Keeper, Published, Segment
from hm_assets.settings import Settings
from hm_assets.warehouse.errors import WarehouseError

Answers = dict[int | str, dict[str, Any]]
REFUSALS: Final[Answers] = {
    400: {"model": Fault, "description": "The request cannot be read"},
    401: {"model": Fault, "description": "A token is needed"},
    403: {"model": Fault, "description": "Sent by a page of another site"},
    413: {"model": Fault, "description": "The body is too large"},
    421: {"model": Fault, "description": "Asked under a foreign name"},
    422: {"model": Fault, "description": "The request is refused; `detail` says why"},
    503: {"model": Fault, "description": "Nothing is published yet"},
}
NOT_FOUND: Final[Answers] = {404: {"model": Fault, "description": "There is none of that name"}}
Name = Annotated[
    str,
    Path(
        min_length=1, max_length=300, description="Name (all of it, or up to the colon) or id", examples=["1"]
    ),
]


def router(settings: Settings, keeper: Keeper) -> APIRouter:
    """The routes."""
    routes = APIRouter(tags=["segments and recommendations"], responses=REFUSALS)

    async def published() -> Published:
        found = keeper.kept
        return await run_in_threadpool(keeper.current) if found is None else found

    @routes.post("/predict_segment", response_model=Prediction)
    async def predict_segment(asked: Annotated[Customer, Body(openapi_examples=EXAMPLES)]) -> JSONResponse:
        """Place one customer, from features or from raw purchases: the same segment that the next run would give."""
        now = await published()
        placed = (
            _placed(now, [asked])
            if asked.purchases is None
            else await run_in_threadpool(_placed, now, [asked])
        )
        return JSONResponse({**placed[0], **_described(now, placed[0]["segment_id"])})

    @routes.post("/score_customers", response_model=Predictions)
    async def score_customers(asked: Customers) -> JSONResponse:
        """Place up to 10,000 customers at once; `hm score` takes files of any size."""
        now = await published()
        placed = await run_in_threadpool(_placed, now, asked.customers)
        return JSONResponse(
            {"customers": placed, "model_version": now.version, "as_of": now.as_of.isoformat()}
        )

    @routes.get("/segment_profile/{name}", response_model=Profile, responses=NOT_FOUND)
    async def segment_profile(name: Name) -> JSONResponse:
        """A segment in sentences and figures."""
        now = await published()
        segment = _named(now, name)
        return JSONResponse(
            {
                **_name(segment),
                "customers": segment.customers,
                "characteristics": [sentence for _, sentence in segment.characteristics],
                "facts": list(segment.facts),
                "features": list(now.champion.space.columns),
                "model_version": now.version,
                "as_of": now.as_of.isoformat(),
            }
        )

    @routes.get("/recommendations/{name}", response_model=Recommendations, responses=NOT_FOUND)
    async def recommendations(name: Name) -> JSONResponse:
        """What a segment buys more of than everybody, of what is in stock."""
        now = await published()
        segment = _named(now, name)
        return JSONResponse(
            {
                **_name(segment),
                "recommendations": products.of_segment(segment.products),
                "as_of": now.as_of.isoformat(),
            }
        )

    @routes.get("/customer_recommendations/{customer_id}", response_model=CustomerList, responses=NOT_FOUND)
    def customer_recommendations(
        customer_id: Annotated[str, Path(min_length=1, max_length=256)],
    ) -> JSONResponse:
        """The list of a customer, best first, each article with its reason."""
        found = products.of_customer(settings.warehouse, customer_id)
        if found is None:
            raise HTTPException(404, "Nobody has this id.")
        listed, day = found
        if day is None:
            raise WarehouseError("recommendations/customers is not made yet; `hm run` makes it")
        return JSONResponse({"customer_id": customer_id, "recommendations": listed, "as_of": day.isoformat()})

    return routes


def _placed(now: Published, asked: Sequence[Customer]) -> list[dict[str, Any]]:
    """Where customers belong, in their order."""
    pipeline = CustomerSegmentationPipeline(now)
    answers: list[Mapping[str, Any] | None] = [None] * len(asked)
    with_features = [i for i, each in enumerate(asked) if each.features is not None]
    if with_features:
        rows = [asked[i].features or {} for i in with_features]
        for i, row in zip(with_features, pipeline.predict_segment(rows).to_pylist(), strict=True):
            answers[i] = row
    for day in {each.as_of for each in asked if each.purchases is not None}:
        mine = [i for i, each in enumerate(asked) if each.purchases is not None and each.as_of == day]
        placed = pipeline.predict_segment(pipeline.preprocess(_purchases(asked, mine), day))
        for row in placed.to_pylist():
            answers[row["customer_key"]] = row
    return [
        {
            "customer_id": each.customer_id,
            **_name(now.segment(row["segment_id"])),
            "confidence": row["confidence"],
            "runner_up": None if row["runner_up"] is None else _name(now.segment(row["runner_up"])),
            "sub_segment": row["sub_segment"],
        }
        for each, row in zip(asked, answers, strict=True)
        if row is not None
    ]


def _purchases(asked: Sequence[Customer], places: Sequence[int]) -> pa.Table:
    """The lines of these, under their places."""
    lines = [(i, line) for i in places for line in asked[i].purchases or ()]
    columns = [
        [i for i, _ in lines],
        [line.t_dat for _, line in lines],
        [int(line.article_id) for _, line in lines],
        [line.price for _, line in lines],
        [line.sales_channel_id for _, line in lines],
    ]
    return pa.table([pa.array(c, f.type) for c, f in zip(columns, PURCHASES, strict=True)], schema=PURCHASES)


def _described(now: Published, number: int) -> dict[str, Any]:
    segment = now.segment(number)
    return {
        "characteristics": [sentence for _, sentence in segment.characteristics],
        "recommendations": products.of_segment(segment.products),
        "model_version": now.version,
        "as_of": now.as_of.isoformat(),
    }


def _name(segment: Segment) -> dict[str, Any]:
    return {"segment_id": segment.id, "segment_name": segment.name}


def _named(now: Published, name: str) -> Segment:
    found = now.named(name)
    if found is None:
        names = "; ".join(f"{each.id}: {each.name[:80]}" for each in now.segments.values())
        raise HTTPException(404, f"No segment is called so. There are {names}.")
    return found

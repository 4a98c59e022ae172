"""The page of one customer: what they did, where they belong, what would change it, and what would be wrong to say."""

from typing import Annotated, Any
from urllib.parse import quote

import pyarrow.dataset as ds
from fastapi import APIRouter, HTTPException, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from hm_assets.segments.tables import ASSIGNMENTS, NO_PURCHASE
from hm_assets.serving import caution, change, customer, look
from hm_assets.serving.pipeline import CustomerSegmentationPipeline
from hm_assets.serving.published import Keeper, Published, rows_of
from hm_assets.settings import Settings
from hm_assets.warehouse.errors import WarehouseError
from hm_assets.warehouse.keys import customer_key


def router(settings: Settings, keeper: Keeper) -> APIRouter:
    """The pages."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/customers", response_class=HTMLResponse)
    def find(customer_id: Annotated[str, Query(max_length=256)] = "") -> Response:
        """The field to find a customer by id; leads to their page."""
        if wanted := customer_id.strip():
            return RedirectResponse(f"/customers/{quote(wanted, safe='')}", 303)
        return HTMLResponse(look.render("find.html.j2", title="Find a customer", here="/customers"))

    @routes.get("/customers/{customer_id:path}", response_class=HTMLResponse)
    def one(customer_id: str) -> str:
        """One customer as of the published month."""
        now = keeper.current()
        try:
            found = customer.read(settings, customer_id, now.month)
        except WarehouseError as error:
            raise HTTPException(404, "Nobody has this id in the published month.") from error
        pictures = [customer.timeline(found), customer.groups(found)] if found.lines else []
        return look.render(
            "person.html.j2",
            title=f"Customer {customer_id[:12]}",
            here="/customers",
            customer=found,
            pictures=pictures,
            **told(settings, now, found),
        )

    return routes


def told(settings: Settings, now: Published, found: customer.OneCustomer) -> dict[str, Any]:
    """What the page says beside the customer's own figures: segment, change, and what would be wrong to say."""
    key = customer_key(found.attributes["customer_id"])
    mine = rows_of(settings.warehouse, ASSIGNMENTS, now.month, ds.field("customer_key") == key)
    placed = next((row for row in mine if row["segment_id"] != NO_PURCHASE), None)
    runner_up = now.segment(placed["runner_up"]) if placed and placed["runner_up"] is not None else None
    pipeline = CustomerSegmentationPipeline(now)
    would_be = change.smallest_change(pipeline, found.lines, found.as_of) if placed else None
    return {
        "placed": placed,
        "segment": now.segment(placed["segment_id"]) if placed else None,
        "runner_up": runner_up,
        "change": change.in_words(would_be, pipeline) if placed else None,
        "wrong": list(
            caution.wrong_to_say(
                found.attributes,
                found.features,
                found.outlook,
                placed["confidence"] if placed else None,
                runner_up.name if runner_up else None,
            )
        ),
    }

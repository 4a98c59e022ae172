"""Digital events of the co-operative preset: e-mails opened and clicked, visits to web shop and app."""

from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np

from hm_assets.sources.synthetic.arrays import stream
from hm_assets.sources.synthetic.customers import Attributes, Traits
from hm_assets.sources.synthetic.presets import DAYS, FIRST_DAY
from hm_assets.sources.synthetic.writer import byte_table, rows

EVENT_TYPES: Final = ("email_open", "email_click", "web_visit", "app_visit")
_SHARES: Final = ((0.40, 0.12, 0.32, 0.16), (0.0, 0.0, 0.65, 0.35))  # with and without the newsletter
_CAMPAIGN_DAYS: Final = 14


def write_events(path: Path, events: int, people: Attributes, traits: Traits, seed: int) -> int:
    """Write exactly ``events`` rows of customer_id, event_date, event_type, campaign; return the count.

    Events grow with the customer's orders and fall into the days between the first and a month after the last
    order; only readers of the newsletter have e-mail events, and only those carry a campaign (a new one every
    fortnight).
    """
    rng = stream(seed, "events")
    weight = np.where(traits.orders > 0, np.sqrt(traits.orders) * (1 + people.fn), 0.05)
    customer = rng.choice(len(weight), events, p=weight / weight.sum())
    low = np.maximum(traits.first_day[customer] - 10, 0)
    high = np.minimum(traits.last_day[customer] + 30, DAYS - 1)
    day = low + np.floor(rng.random(events) * (high - low + 1)).astype(np.int64)
    table = np.cumsum(np.array(_SHARES), axis=1)
    draw = rng.random(events)
    kind = (table[np.where(people.fn[customer], 0, 1)][:, :-1] <= draw[:, None]).sum(axis=1)
    campaign = np.where(kind < 2, 1 + day // _CAMPAIGN_DAYS, 0)
    order = np.lexsort((kind, customer, day))
    dates = byte_table([(FIRST_DAY + timedelta(days=d)).isoformat() for d in range(DAYS)])
    campaigns = byte_table(["", *(f"news-{number:02d}" for number in range(1, DAYS // _CAMPAIGN_DAYS + 2))])
    when = (people.customer_id[customer[order]], dates[day[order]])
    what = (byte_table(EVENT_TYPES)[kind[order]], campaigns[campaign[order]])
    with path.open("wb") as file:
        file.write(b"customer_id,event_date,event_type,campaign\n")
        file.write(rows((*when, *what)))
    return events

"""Who is held back from a campaign, by all that the warehouse knows: the portal, `hm` and the export read it here."""

import ibis

from hm_assets.playbooks.audience import contacts, suppression
from hm_assets.playbooks.audience.people import People
from hm_assets.playbooks.audience.suppression import Campaign
from hm_assets.settings import Settings
from hm_assets.warehouse.engine import DuckDBEngine


def held_back(engine: DuckDBEngine, settings: Settings, people: People, campaign: Campaign) -> ibis.Value:
    """Why each customer of `people.everybody` is held back, as `suppression.reasons` says it.

    Raises
    ------
    HmAssetsError
        The list of who must not be written to cannot be read.
    """
    return suppression.reasons(
        people,
        campaign,
        contacts.read(engine, settings.warehouse),
        suppression.list_of(engine, settings.suppression),
        suppression.holdout_of(engine, settings.warehouse, campaign.send_on),
    )

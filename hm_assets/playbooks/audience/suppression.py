"""Who is not written to, whatever the rule says, and why; of several reasons the first in this list counts."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import ibis

from hm_assets.playbooks.audience.fields import LEFT
from hm_assets.playbooks.audience.people import People
from hm_assets.playbooks.experiments.assignment import HOLDOUT
from hm_assets.playbooks.experiments.tables import AUDIENCES
from hm_assets.warehouse import delta, sql
from hm_assets.warehouse.engine import DuckDBEngine
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.keys import customer_key_sql

WINDOW_DAYS: Final = 30
FIRST_YEAR, LAST_YEAR = 1990, 2099
LONGEST_HEADER: Final = 100_000
BY: Final = {"email": "e-mail", "other": "another way (post, app, shop)"}
REACHED: Final = "reached"
REASONS: Final = {
    "left_club": "left the club",
    "opted_out": "get no fashion news, so no e-mail",
    "listed": "are on the list of who must not be written to",
    "held_out": "are left alone in a campaign that runs on that day, to see what it changes",
    "contacted": "were already given to as many campaigns as a customer may get",
}
"""Why somebody is held back, in the order in which reasons count."""


@dataclass(frozen=True)
class Campaign:
    """What an audience is for, as far as it decides who must not be written to.

    Attributes
    ----------
    name
        Its name: an export of the same name again is the same campaign.
    send_on
        The day that it is sent.
    by
        One of `BY`: by e-mail, only who gets fashion news is written to.
    cap
        Campaigns that a customer may be given to within 30 days, this one included.
    """

    name: str
    send_on: dt.date
    by: str = "email"
    cap: int = 4

    def __post_init__(self) -> None:
        if self.by not in BY:
            raise HmAssetsError(f"{self.by!r} is no way of writing to customers; there are {', '.join(BY)}")
        if not FIRST_YEAR <= self.send_on.year <= LAST_YEAR:
            raise HmAssetsError(
                f"{self.send_on} is no day to send a campaign on; give one from {FIRST_YEAR} to {LAST_YEAR}"
            )
        if self.cap < 1:
            raise HmAssetsError(f"a cap of {self.cap} campaigns would let nobody through; give 1 or more")


def reasons(
    people: People,
    campaign: Campaign,
    contacts: ibis.Table | None = None,
    listed: ibis.Table | None = None,
    holdout: ibis.Table | None = None,
) -> ibis.Value:
    """Why each customer of `people.everybody` is held back (a key of `REASONS`), or `REACHED`.

    Parameters
    ----------
    people
        Of the month.
    campaign
        What it is for.
    contacts
        Rows of `playbooks/contacts`; None where nothing was exported yet.
    listed
        `customer_key` of who must not be written to; None without a list.
    holdout
        `customer_key` of who is left alone in a campaign that runs; None where none was ever drawn.
    """
    rows = people.everybody
    cases = [(rows.club == LEFT, "left_club")]
    if campaign.by == "email":
        cases.append((~rows.optin, "opted_out"))
    if listed is not None:
        cases.append((rows.customer_key.isin(listed.customer_key), "listed"))
    if holdout is not None:
        cases.append((rows.customer_key.isin(holdout.customer_key), "held_out"))
    if contacts is not None:
        cases.append((rows.customer_key.isin(_capped(contacts, campaign).customer_key), "contacted"))
    return ibis.cases(*cases, else_=REACHED)


def list_of(engine: DuckDBEngine, file: Path | None) -> ibis.Table | None:
    """The keys of a CSV file with `customer_id`: who must not be written to, as the retailer keeps it.

    Raises
    ------
    HmAssetsError
        The file is not there, has no such column, or cannot be read to its end.
    """
    if file is None:
        return None
    if not file.is_file():
        raise HmAssetsError(f"{file}, the list of who must not be written to (HM_SUPPRESSION), is no file")
    with file.open(encoding="utf-8-sig", errors="replace") as opened:
        names = opened.readline(LONGEST_HEADER)
    # Told and not guessed: an id may hold any sign, and a guess that skips a line lets somebody through.
    delimiter = ";" if ";" in names and "," not in names else ","
    source = (
        f"read_csv({sql.literal(str(file))}, all_varchar = true, header = true, delim = '{delimiter}', "
        "quote = '\"', escape = '\"', skip = 0)"
    )
    keys = sql.identifier(ibis.util.gen_name("listed"))
    try:
        columns = engine.connection.execute(f"SELECT * FROM {source} LIMIT 0").description or []
        if "customer_id" not in [column[0] for column in columns]:
            raise HmAssetsError(f"{file} has no column customer_id")
        # Read here and once, so that a line that cannot be read is a fault of this file.
        engine.connection.execute(
            f"CREATE TEMP TABLE {keys} AS SELECT DISTINCT {customer_key_sql('customer_id')} AS customer_key "
            f"FROM {source} WHERE customer_id IS NOT NULL"
        )
    except duckdb.OutOfMemoryException:
        raise  # the machine's fault and not the file's
    except duckdb.Error as error:
        raise HmAssetsError(
            f"{file}, the list of who must not be written to, cannot be read: {str(error).splitlines()[0]} Save it as "
            "CSV UTF-8, with text that holds commas in quotation marks; nothing is exported until then"
        ) from error
    return engine.backend.sql(f"SELECT customer_key FROM {keys}")


def holdout_of(engine: DuckDBEngine, warehouse: Path, day: dt.date) -> ibis.Table | None:
    """The keys of who is left alone in a campaign that runs on a day; None where none was ever drawn.

    A campaign runs from the day after its audience was fixed for as many days as count. Another campaign that wrote to
    its holdout in that time would be measured with it.
    """
    stored = delta.open_table(warehouse, AUDIENCES)
    if stored is None:
        return None
    drawn = engine.read(AUDIENCES, delta.files_of(stored))
    since = ibis.literal(day, "date").delta(drawn.as_of, unit="day")
    return (
        drawn.filter(drawn.arm == HOLDOUT, since > 0, since <= drawn.horizon_days)
        .select("customer_key")
        .distinct()
    )


def _capped(contacts: ibis.Table, campaign: Campaign) -> ibis.Table:
    """Who other campaigns fill up: no stretch of 30 days that holds this day may have more than `cap`.

    All campaigns less than 30 days before or after count together, so the cap holds for each such stretch.
    """
    day = dt.timedelta(days=WINDOW_DAYS)
    around = contacts.filter(
        contacts.campaign != campaign.name,
        contacts.send_on > ibis.literal(campaign.send_on - day, "date"),
        contacts.send_on < ibis.literal(campaign.send_on + day, "date"),
    )
    given = around.group_by("customer_key").agg(campaigns=around.campaign.nunique())
    return given.filter(given.campaigns >= campaign.cap).select("customer_key")

"""The forms that an audience goes out in: what the columns are called, and what an importing program says of them.

The programs' own column names, as their makers describe them (read November 2026):
HubSpot, "Set up import files": each header is a property; records are matched by e-mail, Record ID or a property with
unique values; 512 MB and 1,048,576 rows a file. Salesforce, "Bulk API 2.0: Prepare CSV Files": API names of fields, of
custom ones with `__c`, and one column with an external id for an upsert. Klaviyo, "How to create and add subscribers to
a new list": the first column is Email or Phone Number, others become properties; 50 MB a file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import ibis

CONTROL: Final = r"[\x00-\x1f\x7f]"
FORMULA: Final = r"^\s*[=+\-@＝＋－＠]"
NO_ADDRESS: Final = "E-mail addresses are not in the data, so there is no column for them. "
MEGABYTE: Final = 1_000_000


@dataclass(frozen=True)
class Layout:
    """A form of the file.

    Attributes
    ----------
    name, title
        For the command line, and for people.
    suffix, media_type
        Of the file.
    columns
        Header of each column, by what is in it (`CELLS`).
    note
        What the importing program needs to be told.
    most_bytes, most_rows
        What it takes in one file; 0 = any.
    """

    name: str
    title: str
    suffix: str
    media_type: str
    columns: Mapping[str, str]
    note: str = ""
    most_bytes: int = 0
    most_rows: int = 0

    @property
    def is_text(self) -> bool:
        """Whether a spreadsheet may read a cell of it as a formula."""
        return self.suffix == ".csv"

    def limits(self, size: int, rows: int) -> str:
        """What is wrong with a file of this size and length for the importing program; empty: nothing."""
        if (self.most_bytes and size > self.most_bytes) or (self.most_rows and rows > self.most_rows):
            most = [f"{self.most_bytes // MEGABYTE:,} MB"] if self.most_bytes else []
            most += [f"{self.most_rows:,} rows"] if self.most_rows else []
            return f"{self.title} takes {' and '.join(most)} in one file: split this one."
        return ""


PLAIN: Final = {
    name: name
    for name in (
        "customer_id",
        "segment_id",
        "segment_name",
        "churn_risk_90d",
        "value_90d",
        "value_band",
        "audience",
    )
}
CSV, PARQUET = "text/csv; charset=utf-8", "application/vnd.apache.parquet"
LAYOUTS: Final[Mapping[str, Layout]] = {
    layout.name: layout
    for layout in (
        Layout("csv", "CSV", ".csv", CSV, PLAIN),
        Layout("parquet", "Parquet", ".parquet", PARQUET, PLAIN),
        Layout(
            "hubspot",
            "HubSpot",
            ".csv",
            CSV,
            {
                "customer_id": "Customer ID",
                "segment_name": "Customer segment",
                "value_band": "Expected value band",
                "audience": "Audience",
            },
            NO_ADDRESS
            + "Make four contact properties of these names, Customer ID with unique values, and choose it "
            "as the unique identifier of the import.",
            512 * MEGABYTE,
            1_048_576,
        ),
        Layout(
            "salesforce",
            "Salesforce",
            ".csv",
            CSV,
            {
                "customer_id": "Customer_ID__c",
                "segment_name": "Customer_Segment__c",
                "value_band": "Expected_Value_Band__c",
                "audience": "Audience__c",
            },
            NO_ADDRESS
            + "Make four custom fields of Contact with these API names, Customer_ID__c as a unique, case-"
            "sensitive External ID, and upsert Contact by it (Bulk API 2.0, Data Loader or the import wizard).",
            100 * MEGABYTE,
        ),
        Layout(
            "klaviyo",
            "Klaviyo",
            ".csv",
            CSV,
            {
                "customer_id": "External ID",
                "segment_name": "Customer Segment",
                "value_band": "Expected Value Band",
                "audience": "Audience",
            },
            NO_ADDRESS
            + "Klaviyo's list upload needs Email or Phone Number as the first column: add it by External ID "
            "from your own address book before the upload.",
            50 * MEGABYTE,
        ),
    )
}
"""The layouts by name, in the order of the form."""


def safe(text: ibis.Value) -> ibis.Value:
    """Text that no spreadsheet takes for a formula, and without control characters (OWASP, CSV Injection)."""
    plain = text.re_replace(CONTROL, " ")
    return ibis.ifelse(plain.re_search(FORMULA), ibis.literal("'").concat(plain), plain)

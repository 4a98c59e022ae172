"""The tables of what to do about each segment."""

from typing import Final

from hm_assets.warehouse.schema import Column, Table, optional

PARTS: Final = {
    "changed": "What changed since last month",
    "who": "Who they are",
    "defining": "What tells them apart",
    "strength": "Strengths",
    "pain": "Pains",
    "channel": "Channel",
    "tone": "Tone",
    "offer": "Offer",
    "frequency": "Frequency",
    "product": "Products to promote",
    "tactic": "Tactics",
    "outcome": "Expected outcome (assumption)",
    "budget": "Budget share",
    "owner": "Owner",
    "retention": "Retention",
    "growth": "Growth",
    "journey": "Journey and drop-offs",
    "missing": "Not in the data",
}
"""The parts of a strategy in the order of a playbook, with their headings."""

STRATEGY = Table(
    stage="playbooks",
    name="strategy",
    one_row_is="a line of a segment's strategy",
    description="Each line follows from facts by a rule of the rules file; its figures are those of playbooks/metrics.",
    monthly=True,
    key=("segment_id", "part", "position"),
    columns=(
        Column("as_of", "date", "The day that it rests on"),
        Column("segment_id", "int32", "The segment"),
        Column("segment_name", "string", "Its name"),
        Column("part", "string", f"One of {', '.join(PARTS)}"),
        Column("position", "int16", "Place among the segment's lines of the part, from 1"),
        Column("text", "string", "The line, for people"),
        Column(
            "pieces",
            "string",
            "The line as JSON with its figures apart: a list of texts and figures (playbooks/metrics/figure.py)",
        ),
        Column("rule", "string", "The rule of the rules file that gave it; empty: from the facts alone"),
        Column("assumption", "bool", "Whether it, or a figure in it, is assumed, and editable"),
    ),
)
_HEAD = (
    Column("as_of", "date", "The day that it rests on"),
    Column("segment_id", "int32", "The segment; 0 = no purchase yet"),
    Column("segment_name", "string", "Its name"),
)

JOURNEY = Table(
    stage="playbooks",
    name="journey",
    one_row_is="a fact about how far the customers of a segment have come, or what has changed since last month",
    description="May be published: shares are told of at least 20 customers on either side, also by subtraction; "
    "customers who moved are rounded to 20. Days with a purchase count as orders here: two channels on a day are one.",
    monthly=True,
    key=("segment_id", "kind", "name"),
    columns=(
        *_HEAD,
        Column(
            "kind",
            "string",
            "step (share of those on the step before who took this one), stopped (share of those whose last step it "
            "is who have not bought for 90 days), came_from and went_to (customers of last month, by the other "
            "segment), size (customers last month), before (a fact last month that has clearly changed), compared "
            "(how many facts were held against last month), next (share that may move soon)",
        ),
        Column(
            "name",
            "string",
            "The step (2, 3, 5 or 10 orders), the other segment's name, the fact, or up / down",
        ),
        Column("position", "int16", "Order for reading, from 1"),
        Column("value", "float64", "The share, the customers, or the fact"),
        Column("unit", "string", "share, customers, or that of the fact"),
        optional("customers", "int64", "Customers that a share is of", "customers"),
    ),
)

DECISION_MATRIX = Table(
    stage="playbooks",
    name="decision_matrix",
    one_row_is="what a segment gets: IF segment THEN products, template, offer, channel, frequency",
    description="Each cell follows from the segment's facts by a rule of the rules file. Segments of fewer than 20 "
    "customers, and those that would give one away, have no row.",
    monthly=True,
    key=("segment_id",),
    columns=(
        *_HEAD,
        Column("condition", "string", "IF: the segment, as a filter of segments/assignments"),
        Column(
            "products", "string", "JSON list: what to show, best first (article_id where it is an article)"
        ),
        Column("products_from", "string", "The table they come from"),
        Column("template", "string", "Which message"),
        Column("offer", "string", "What it offers"),
        Column("tone", "string", "How it speaks"),
        Column("channel", "string", "Where it goes first"),
        Column("channels", "string", "JSON list: all that are open to them, first one first"),
        Column("email_open", "bool", "Whether enough of them get the fashion news to plan e-mail"),
        Column("days_between", "int16", "Days from contact to contact", "days"),
        Column("contacts_in_30_days", "int16", "The most that a customer gets, whatever is planned"),
        optional("most_contacts", "int16", "In one calendar, then rest; empty: no such limit"),
        optional("budget_share", "float64", "Share of the budget, by predicted value; empty: no forecast"),
        optional(
            "value_share",
            "float64",
            "Share of the predicted value of all segments told; empty: not predicted",
        ),
        Column("owner", "string", "Who answers for it"),
        Column("tactics", "string", "JSON list: names of the tactics' rules, first one first"),
        Column("rules", "string", "JSON: the rule that gave each of tone, offer, template and frequency"),
    ),
)

ASSUMPTIONS = Table(
    stage="playbooks",
    name="assumptions",
    one_row_is="what is assumed that acting on a segment brings, and what that would come to",
    description="Nothing here is a finding. low and high stand in the rules file, and are to be changed; of kept, a "
    "campaign that was measured in the segment takes their place (playbooks/campaign_effects), with what was assumed "
    "before it beside it. Of break_even: what the contacts of a year must bring in to pay.",
    monthly=True,
    key=("segment_id", "measure"),
    columns=(
        *_HEAD,
        Column("measure", "string", "spend, kept, value, or break_even"),
        Column("low", "float64", "Lower end of what is assumed", "share"),
        Column("high", "float64", "Upper end", "share"),
        Column("of", "string", "What it is a share of, in words"),
        Column("base", "float64", "How much that is (forecasts/segments)"),
        Column("result_low", "float64", "What it would come to: low x base"),
        Column("result_high", "float64", "high x base"),
        Column("unit", "string", "Of base and results: customers or price index"),
        Column(
            "source",
            "string",
            "Where the range comes from: the rule of the rules file, the settings, or measured campaigns",
        ),
        Column(
            "campaigns", "int32", "Campaigns with a group left out that the range rests on; 0: assumed alone"
        ),
        optional("prior_low", "float64", "Lower end of what was assumed before they were measured", "share"),
        optional("prior_high", "float64", "Upper end", "share"),
        optional(
            "measured", "float64", "What the campaigns alone say; below 0 they drove people away", "share"
        ),
    ),
)

CALENDAR = Table(
    stage="playbooks",
    name="calendar",
    one_row_is="a week of a segment: what goes out, or that it rests",
    description="Weeks begin on Mondays, the first after as_of. Contacts follow the segment's own rhythm, wait for a "
    "stronger week of the shop's own season, and never exceed the cap; a customer is in one segment.",
    monthly=True,
    key=("segment_id", "week"),
    columns=(
        *_HEAD,
        Column("week", "int16", "Number of the week, from 1"),
        Column("week_start", "date", "Its Monday"),
        optional(
            "season",
            "float64",
            "Units of that week of the year over the trend (explore/seasonality); 1 = usual",
        ),
        Column("contacts", "int16", "none or one"),
        optional("send_on", "date", "The day to send on: the weekday on which the shop sells most"),
        optional("tactic", "string", "What goes out: the rule of the tactic"),
        optional("title", "string", "The same in words"),
        optional("template", "string", "Which message"),
        optional("channel", "string", "Where"),
        optional("product", "string", "What leads"),
        optional("owner", "string", "Who answers for it"),
        Column("why", "string", "Why then, or why it rests"),
    ),
)

TABLES = (JOURNEY, DECISION_MATRIX, ASSUMPTIONS, CALENDAR, STRATEGY)

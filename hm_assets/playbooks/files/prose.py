"""What is written once for all months: the plan, its risks and roles, and what people ask. No figure stands in it."""

from typing import Any, Final

from hm_assets.warehouse.pictures import BLUE, GREEN, ORANGE

PHASES: Final[tuple[dict[str, Any], ...]] = (
    {
        "when": "Weeks 1–2",
        "title": "Agree and prepare",
        "owner": "CRM manager",
        "colour": BLUE,
        "steps": [
            "Read the playbook; agree on one tactic for each of two segments.",
            "Set the assumptions: what a contact costs, what an order leaves.",
            "Build the audience, with a holdout that is left alone.",
            "Check consent and the contact cap with the privacy officer.",
        ],
    },
    {
        "when": "Weeks 3–4",
        "title": "Launch and watch",
        "owner": "Campaign manager",
        "colour": ORANGE,
        "steps": [
            "Send to the treated group, nothing to the holdout.",
            "Watch whether both arms keep the sizes that were drawn.",
            "Keep other campaigns away from both arms alike.",
            "Drop the result file into the landing folder.",
        ],
    },
    {
        "when": "Weeks 5–6",
        "title": "Measure and widen",
        "owner": "Analyst, with the CRM manager",
        "colour": GREEN,
        "steps": [
            "Read the difference between the arms with its interval.",
            "Replace the assumption by what was measured.",
            "Keep what works, stop what does not, test the next tactic.",
            "Widen to the segments that follow in value.",
        ],
    },
)
RISKS: Final = (
    (
        "The wrong people are reached",
        "Filters on consent are forgotten",
        "Build audiences on the platform: who left or opted out is never in one",
        "CRM manager",
    ),
    (
        "An effect is claimed that is none",
        "No holdout, or one that is too small",
        "Take the holdout that the plan asks for; read the interval, not the point",
        "Analyst",
    ),
    (
        "The same customer is written to too often",
        "Two segments, two campaigns",
        "Keep the contact cap of the calendar",
        "Campaign manager",
    ),
    (
        "Segments are taken for causes",
        "What people have in common need not be why they buy",
        "Test before rolling out",
        "Analyst",
    ),
    (
        "Figures go stale",
        "Customers move between segments every month",
        "Use the files of the latest month; the day stands on every page",
        "Data engineer",
    ),
    (
        "An age group is served less",
        "Segments differ by age",
        "Read the parity criterion in the segment’s passport first",
        "Privacy officer",
    ),
)
RESOURCES: Final = (
    ("CRM manager", "Chooses tactics, owns the assumptions and the calendar"),
    ("Campaign manager", "Builds audiences, sends, keeps the cap"),
    ("Analyst", "Plans holdouts, reads results, writes back what was measured"),
    ("Data engineer", "Keeps files coming, watches the checks, repairs a failed month"),
    ("Privacy officer", "Approves what is sent to whom, and what leaves the platform"),
)
QUESTIONS: Final = (
    (
        "Why is a customer in this segment?",
        "Because of when, how often and for how much they bought. The customer’s page on the portal "
        "shows the way they came, and what would change it.",
    ),
    (
        "Can a customer change segment?",
        "Yes, every month. Most stay; the movement page shows who goes where. Plan by segment, and "
        "take the audience anew for each campaign.",
    ),
    (
        "What does “high-spend” in a name mean?",
        "That the middle member of the group spends more than three in five of all customers. Every "
        "word of a name is checked against the data.",
    ),
    (
        "Why is spend not money?",
        "The source hides its currency. Spend adds up in a price index: it can be compared between "
        "customers and months, and not be booked.",
    ),
    (
        "What does the bracket behind a figure mean?",
        "Where the true figure may lie, given how many customers it rests on. A wide bracket is a "
        "small group or a figure that is hard to foretell.",
    ),
    (
        "Why is a figure withheld?",
        "It would tell of so few customers that they could be known. The limit holds everywhere and "
        "cannot be switched off.",
    ),
    (
        "What does “assumption” mean?",
        "Nobody has measured it yet. It can be edited, and a campaign with a holdout replaces it by a"
        " result.",
    ),
    (
        "What will a tactic bring?",
        "These data cannot say: nobody was left out of past campaigns on purpose. That is what the "
        "holdout is for.",
    ),
    (
        "Why do two segments look alike in age?",
        "They were made from what people bought. Where age or channel differ, the playbook says so; "
        "where they do not, nothing is said.",
    ),
    (
        "May I change the rules?",
        "Yes. The rules of the strategy are a file with a line for each; an error names the line. "
        "Everything here follows at the next run.",
    ),
    (
        "The figures differ from last month’s files. Which are right?",
        "Both, of their own day. Each page says of which day it is, and from which version of which table.",
    ),
)

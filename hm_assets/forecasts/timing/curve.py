"""The curve of waiting: which share of purchase days has been followed by another by when, open gaps included.

Closed gaps alone are too short: a long gap is more likely to be still open. Kaplan and Meier (1958) count an open gap
as long as it lasts. Some never come back, so the curve need not reach everybody however far the files go.
"""

from dataclasses import dataclass

import numpy as np

from hm_assets.segments.space import Floats, Ints


@dataclass(frozen=True)
class Curve:
    """A Kaplan-Meier curve.

    Attributes
    ----------
    at
        Lengths at which somebody came back (m, ascending).
    back
        Share of all gaps that have closed by each of them (m, ascending).
    """

    at: Floats
    back: Floats

    @classmethod
    def of(cls, length: Floats, closed: Ints, still_open: Ints) -> "Curve":
        """From lengths (n, each different), and how many gaps of that length were closed, and how many are still open.

        Who is open at a length was at risk there (the usual convention).
        """
        order = np.argsort(length, kind="stable")
        length, closed, still_open = length[order], closed[order], still_open[order]
        leaving = closed + still_open
        risk = leaving[::-1].cumsum()[::-1].astype(np.float64)
        left = np.cumprod(1 - np.divide(closed, risk, out=np.zeros_like(risk), where=risk > 0))
        happened = closed > 0
        return cls(length[happened].astype(np.float64), 1 - left[happened])

    def quantile(self, share: float) -> float | None:
        """The shortest length by which this share has come back; None where the files do not reach that far."""
        if self.ever_back < share:
            return None
        return float(self.at[np.searchsorted(self.back, share)])

    @property
    def ever_back(self) -> float:
        """The share of all gaps that close, as far as the curve reaches."""
        return float(self.back[-1]) if len(self.back) else 0.0

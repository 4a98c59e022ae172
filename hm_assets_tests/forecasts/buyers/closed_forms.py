"""The formulas as they are printed, with Gaussian hypergeometric functions: right wherever they do not overflow."""

import numpy as np
from scipy.special import betaln, gammaln, hyp2f1, logsumexp

from hm_assets.forecasts.buyers.histories import Histories
from hm_assets.forecasts.buyers.mbg_nbd import MBGNBD
from hm_assets.forecasts.buyers.pareto_nbd import ParetoNBD
from hm_assets.segments.space import Floats


def pareto_log_a0(model: ParetoNBD, histories: Histories) -> Floats:
    """Fader and Hardie (2005), "A note on deriving the Pareto/NBD model", (19) where alpha >= beta, else (20)."""
    most, least = max(model.alpha, model.beta), min(model.alpha, model.beta)
    total = model.r + model.s + histories.x
    second = model.s + 1 if model.alpha >= model.beta else model.r + histories.x

    def part(time: Floats) -> Floats:
        found = hyp2f1(total, second, total + 1, (most - least) / (most + time))
        return np.log(found) - total * np.log(most + time)

    signs = np.array([[1.0], [-1.0]])
    return logsumexp(np.stack([part(histories.t_x), part(histories.T)]), axis=0, b=signs)


def pareto_log_likelihood(model: ParetoNBD, histories: Histories) -> Floats:
    """Equation (18) there."""
    r, alpha, s, beta = model.r, model.alpha, model.s, model.beta
    x, since = histories.x, histories.T
    bought = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta)
    alive = -(r + x) * np.log(alpha + since) - s * np.log(beta + since)
    return bought + np.logaddexp(alive, np.log(s / (r + s + x)) + pareto_log_a0(model, histories))


def pareto_p_alive(model: ParetoNBD, histories: Histories) -> Floats:
    """Equations (36) and (37) there."""
    r, alpha, s, beta = model.r, model.alpha, model.s, model.beta
    quiet = (r + histories.x) * np.log(alpha + histories.T) + s * np.log(beta + histories.T)
    gone = np.log(s / (r + s + histories.x)) + quiet + pareto_log_a0(model, histories)
    return 1 / (1 + np.exp(gone))


def pareto_expected_orders(model: ParetoNBD, histories: Histories, ahead: float) -> Floats:
    """Equation (41) there."""
    later = model.beta + histories.T
    factor = (1 - (later / (later + ahead)) ** (model.s - 1)) / (model.s - 1)
    rate = (model.r + histories.x) / (model.alpha + histories.T)
    return pareto_p_alive(model, histories) * rate * later * factor


def pareto_p_silent(model: ParetoNBD, histories: Histories, ahead: float) -> Floats:
    """P(no purchase in (T, T + ahead]): Fader, Hardie and Lee (2014), "Deriving the conditional PMF", for 0.

    Whoever is active has rates Gamma(r + x, alpha + T) and Gamma(s, beta + T), so it is the likelihood of a customer
    who starts at T and never comes back.
    """
    found = np.empty(len(histories))
    for at in range(len(histories)):
        x, since = histories.x[at], histories.T[at]
        later = ParetoNBD(model.r + x, model.alpha + since, model.s, model.beta + since)
        none = Histories(np.zeros(1), np.zeros(1), np.array([ahead]))
        found[at] = np.exp(pareto_log_likelihood(later, none))[0]
    alive = pareto_p_alive(model, histories)
    return 1 - alive + alive * found


def mbg_log_likelihood(model: MBGNBD, histories: Histories) -> Floats:
    """Batislam, Denizel and Filiztekin (2007), appendix A."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    x, t_x, since = histories.x, histories.t_x, histories.T
    alive = betaln(a, b + x + 1) - (r + x) * np.log(alpha + since)
    gone = betaln(a + 1, b + x) - (r + x) * np.log(alpha + t_x)
    return gammaln(r + x) - gammaln(r) + r * np.log(alpha) - betaln(a, b) + np.logaddexp(alive, gone)


def mbg_expected_orders(model: MBGNBD, histories: Histories, ahead: float) -> Floats:
    """Wagner and Hoppe (2008), "Erratum on the MBG/NBD model"."""
    r, alpha, a, b = model.r, model.alpha, model.a, model.b
    x, t_x, since = histories.x, histories.t_x, histories.T
    hyper = hyp2f1(r + x, b + x + 1, a + b + x, ahead / (alpha + since + ahead))
    grown = 1 - hyper * ((alpha + since) / (alpha + since + ahead)) ** (r + x)
    odds = a / (b + x) * ((alpha + since) / (alpha + t_x)) ** (r + x)
    return (a + b + x) / (a - 1) * grown / (1 + odds)

"""MLflow, for those who have it: fits and decisions are logged where `HM_MLFLOW_URI` names a server, else nowhere."""

import importlib.util
import logging
import math
import os
from collections.abc import Mapping
from typing import Any

from hm_assets.warehouse.errors import HmAssetsError

logger = logging.getLogger(__name__)


def log(
    uri: str | None, name: str, params: Mapping[str, Any], metrics: Mapping[str, float | None], note: str = ""
) -> None:
    """One MLflow run in the experiment `hm_assets`; unknown metrics are left out. A server that fails is a warning.

    Parameters
    ----------
    uri
        The tracking server; without one nothing happens and nothing is imported.
    name
        Of the run.
    params, metrics, note
        What it is about, its figures, and a sentence.

    Raises
    ------
    HmAssetsError
        A server is named, and MLflow is not installed.
    """
    if not uri:
        return
    if importlib.util.find_spec("mlflow") is None:
        raise HmAssetsError(
            f"HM_MLFLOW_URI={uri}, but MLflow is not installed: `pip install hm_assets[mlflow]`, or unset HM_MLFLOW_URI"
        )
    # MLflow's own seven tries of a server that is down take minutes, at each fit and decision.
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    import mlflow

    try:
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment("hm_assets")
        with mlflow.start_run(run_name=name):
            mlflow.log_params({key: str(value) for key, value in params.items()})
            known = {key: float(v) for key, v in metrics.items() if v is not None and math.isfinite(v)}
            mlflow.log_metrics(known)
            if note:
                mlflow.set_tag("mlflow.note.content", note)
    except (mlflow.MlflowException, OSError) as error:
        # What was fitted and decided is in the warehouse; a server that is down must not undo an hour's work.
        logger.warning("%s was not logged to MLflow at %s: %s", name, uri, str(error).partition("\n")[0])

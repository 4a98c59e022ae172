"""Every setting there is, read once from `HM_*` variables and `.env`.

What belongs here: paths, the calendar, the engine, seeds and thresholds. What a single warehouse
is made of (its source, its months) is not a setting: `warehouse/identity.py` keeps it beside the tables.
"""

import os
import re
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_WAREHOUSE = Path("data/warehouse")
SHORTEST_TOKEN = 16
COPIES = ".landing"
"""Folder of a warehouse with what was fetched from object storage."""
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
# What is allowed of a prefix is also good in the name of a folder.
S3 = re.compile(r"s3://[a-z0-9][a-z0-9.-]+(?:/[\w!*'()=-][\w!.*'()=-]*)*/?", re.ASCII)


def _month(value: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", value):
        raise ValueError(f"{value!r} is not a month; write it as YYYY-MM, e.g. 2020-09")
    return value


def _memory(value: str) -> str:
    if not re.fullmatch(r"\d+(\.\d+)?\s*([KMGT]i?B|%)", value, re.IGNORECASE):
        raise ValueError(f"{value!r} is no amount of memory; write it as 3500MB, 4GB or 60%")
    return value


def _java_memory(value: str) -> str:
    if not re.fullmatch(r"\d+[kmgt]", value):
        raise ValueError(f"{value!r} is no amount of memory for Java; write it as 3500m or 8g")
    return value


def _tokens(value: SecretStr) -> SecretStr:
    if any(
        len(token.strip()) < SHORTEST_TOKEN for token in value.get_secret_value().split(",") if token.strip()
    ):
        raise ValueError(
            f"a token has fewer than {SHORTEST_TOKEN} characters; make one with "
            "`python -c 'import secrets; print(secrets.token_urlsafe())'`"
        )
    return value


def is_address(place: object) -> bool:
    """Whether a text or path is an address (`s3://...`) and no folder; a path has lost one of the slashes."""
    return ADDRESS.match(str(place)) is not None


def copy_of(warehouse: Path, address: str) -> Path:
    """The folder of a warehouse for what is fetched from an address."""
    return warehouse / COPIES / address.removeprefix("s3://").replace("/", "@")


def named(path: Path) -> str:
    """A landing zone, or a file in it, in words: where its owner finds it, so a copy by its address."""
    path = path.resolve()
    for folder in (path, path.parent):
        if folder.parent.name == COPIES:
            address = f"s3://{folder.name.replace('@', '/')}"
            return address if folder == path else f"{address}/{path.name}"
    return str(path)


def local(value: object) -> object:
    """The value, unless it is an address where a place on a disk is wanted (ValueError)."""
    if is_address(value):
        raise ValueError(
            f"{_whole(value)} is an address, and this must be on a disk of this machine: only HM_RAW may be "
            "s3://bucket/prefix (docs/scaling.md, Object storage)"
        )
    return value


def _local_or_s3(value: object) -> object:
    if not is_address(value):
        return Path(value) if isinstance(value, str) else value
    address = _whole(value)
    if S3.fullmatch(address) is None:
        raise ValueError(
            f"{address} is no landing zone; name a folder, or object storage as s3://bucket/prefix (letters, digits "
            "and !_.*'()=- between the slashes)"
        )
    return address.removesuffix("/")


def _whole(address: object) -> str:
    return re.sub(":/+", "://", str(address), count=1)


Local = Annotated[Path, BeforeValidator(local)]
LocalOrS3 = Annotated[Path | str, BeforeValidator(_local_or_s3)]
Memory = Annotated[str, AfterValidator(_memory)]
JavaMemory = Annotated[str, AfterValidator(_java_memory)]
Month = Annotated[str, AfterValidator(_month)]


class Settings(BaseSettings):
    """The settings of one process.

    Paths may be relative to the working folder. A missing optional value means: derive it
    (`raw` and the months from the warehouse's identity, `reports` from the warehouse's place).
    """

    model_config = SettingsConfigDict(
        # A token, or the password of a database, is never repeated in a message.
        env_prefix="HM_",
        env_file=".env",
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
    )

    raw: LocalOrS3 | None = Field(
        None,
        description="Landing zone, a folder or s3://bucket/prefix; default: the warehouse's own, else data/raw",
    )
    warehouse: Local = Field(DEFAULT_WAREHOUSE, description="Folder of the Delta tables")
    reports: Local | None = Field(None, description="Folder of the documents")
    engine: Literal["duckdb", "spark"] = "duckdb"
    spark_master: str = Field(
        "local[*]",
        pattern=r"^(local(\[.+\])?|spark://.+|yarn|k8s://.+)$",
        description="Where HM_ENGINE=spark runs: local[*], spark://host:7077, yarn or k8s://...",
    )
    spark_remote: str | None = Field(
        None, validation_alias="SPARK_REMOTE", description="A Spark Connect server (sc://host:15002) instead"
    )
    spark_driver_memory: JavaMemory | None = Field(
        None, description="Heap of the driver; default: half of this machine's memory, at most 8g"
    )
    spark_executor_memory: JavaMemory = Field("8g", description="Heap of an executor")
    spark_executor_cores: int = Field(4, ge=1, description="Tasks of an executor at once")
    spark_memory_overhead: JavaMemory = Field("1g", description="What an executor has beside its heap")
    spark_conf: dict[str, str] = Field(
        default_factory=dict, description="Further settings of the session, as JSON; they win over all others"
    )
    memory_limit: Memory = Field("3500MB", description="What DuckDB may use before it spills to disk")
    threads: int = Field(default_factory=lambda: os.cpu_count() or 2, ge=1)
    workers: int | None = Field(
        None,
        ge=1,
        description="Processes that share the fits of a step; default: two, on Spark one",
    )
    first_month: Month | None = None
    last_month: Month | None = None
    depth: Literal["quick", "full"] | None = Field(None, description="Default: quick for generated data")
    seed: int = 42
    algorithms: str = Field("", description="Clusterings that the lab tries, with commas; empty: all of them")
    max_rejected_share: float = Field(0.05, ge=0, le=1, description="More refused lines than this block")
    keep_days: int = Field(62, ge=1, description="How long old versions of tables stay readable")
    keep_reports: int | None = Field(None, ge=1, description="Months of documents to keep; default all")
    keep_champions: int | None = Field(None, ge=1, description="Champions of the past to keep; default all")
    settle_seconds: float = Field(
        30, ge=0, description="A file that was written to since then is looked at twice before it is read"
    )
    portal_url: str = Field("http://127.0.0.1:8000", description="Where the portal serves the documents")

    rules: Local | None = Field(None, description="Rules of the strategies (TOML); default: those shipped")
    api_tokens: Annotated[SecretStr, AfterValidator(_tokens)] = Field(
        SecretStr(""),
        description="Who knows one of these, separated by commas, may use the portal and its API; empty: this machine "
        "only",
    )

    # A campaign against leaving: assumed until one has been measured, and printed beside each figure.
    campaign_margin: float = Field(0.5, ge=0, le=1, description="Share of a year's spend that the shop keeps")
    campaign_incentive: float = Field(0.1, ge=0, description="Cost of an incentive, in mean orders")
    campaign_contact: float = Field(0.01, ge=0, description="Cost of contacting a customer, in mean orders")
    campaign_alpha: float = Field(6, gt=0, description="The share of leavers kept is Beta(alpha, beta)")
    campaign_beta: float = Field(14, gt=0, description="See campaign_alpha; 6 and 14 are 30 % in the mean")

    suppression: Local | None = Field(
        None,
        description="CSV with customer_id: who must not be in an audience, besides who left or opted out",
    )
    contact_cap: int = Field(4, ge=1, description="Campaigns that a customer may be given to within 30 days")

    postgres_url: str | None = Field(
        None, description="Dagster's instance in Postgres, for a team; default: SQLite in the warehouse"
    )
    code_server: str = Field(
        "127.0.0.1:4266",
        pattern=r"^.+:\d+$",
        description="Where `hm serve code` listens, for the other servers",
    )
    incident_webhook: str | None = Field(
        None, pattern=r"^https?://", description="Where every incident is posted as JSON"
    )
    mlflow_uri: str | None = Field(None, description="MLflow server for fits and decisions; empty: none")

    @property
    def processes(self) -> int:
        """Processes beside each other. More than two hold more memory, and few steps share further.

        On Spark one, unless it is said: its session belongs to this process, and its fits share themselves out.
        """
        return self.workers or (1 if self.engine == "spark" else min(self.threads, 2))

    @property
    def threads_each(self) -> int:
        """Threads of each of the processes: trees with more of them than cores wait for each other."""
        return max(1, self.threads // self.processes)

    @property
    def tokens(self) -> tuple[str, ...]:
        """The tokens, each without blanks around it."""
        given = self.api_tokens.get_secret_value().split(",")
        return tuple(token.strip() for token in given if token.strip())

    @property
    def landing_zone(self) -> Path | None:
        """The folder to read, where one is named: for object storage the copy in the warehouse."""
        if isinstance(self.raw, str):
            return copy_of(self.warehouse, self.raw)
        return self.raw

    @property
    def reports_dir(self) -> Path:
        """Documents lie in the warehouse; only the default warehouse uses the project's own folder."""
        if self.reports is not None:
            return self.reports
        if self.warehouse.resolve() == DEFAULT_WAREHOUSE.resolve():
            return Path("data/reports")
        return self.warehouse / "reports"

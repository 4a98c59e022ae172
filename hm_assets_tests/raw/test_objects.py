"""A landing zone in object storage, on a server that speaks S3 over HTTP."""

import datetime as dt
import json
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dagster as dg
import httpx
import pytest

from hm_assets.commands import campaign, doctor, forget
from hm_assets.commands.landing import landed
from hm_assets.monitoring.forgetting.removal import Where
from hm_assets.raw import objects, refusal
from hm_assets.raw.landing import NotReady
from hm_assets.raw.sensors import landing as landing_sensor
from hm_assets.settings import COPIES, Settings, copy_of
from hm_assets.sources import origin
from hm_assets.warehouse import artifacts, identity
from hm_assets.warehouse.errors import LandingError, WarehouseError
from hm_assets.warehouse.resources import Warehouse
from hm_assets_tests.object_storage import bad_line, client, environment, s3_server, something_else
from hm_assets_tests.raw.examples import ARTICLES, BASE, CUSTOMERS, LINE_HEADER, LINES, line
from hm_assets_tests.running import contents

DAYS = (dt.date(2018, 9, 1), dt.date(2018, 12, 1))


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with s3_server() as address:
        yield address


@dataclass
class Bucket:
    """A bucket with a prefix, and the folder of the copy."""

    s3: Any
    name: str
    folder: Path

    @property
    def address(self) -> str:
        return f"s3://{self.name}/drop"

    def put(self, **files: str) -> None:
        for name, content in files.items():
            key = f"drop/{name.replace('__', '.')}"
            self.s3.put_object(Bucket=self.name, Key=key, Body=content.encode())

    def delete(self, name: str) -> None:
        self.s3.delete_object(Bucket=self.name, Key=f"drop/{name}")

    def fetch(self) -> list[str]:
        return objects.fetch(self.address, self.folder)

    def held(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.folder.iterdir() if path.is_file()}


@pytest.fixture
def bucket(endpoint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    for name, value in environment(endpoint).items():
        monkeypatch.setenv(name, value)
    name = uuid.uuid4().hex
    s3 = client(endpoint)
    s3.create_bucket(Bucket=name)
    made = Bucket(s3, name, tmp_path / "warehouse" / COPIES / f"{name}@drop")
    made.put(customers__csv=CUSTOMERS, articles__csv=ARTICLES, transactions_train__csv=LINES)
    return made


def test_the_copy_follows_what_is_put_replaced_and_deleted(bucket):
    assert sorted(bucket.fetch()) == ["articles.csv", "customers.csv", BASE]
    assert bucket.fetch() == []
    stamp = (bucket.folder / "customers.csv").stat()
    # Of the same size and within the same second: only the ETag tells.
    other = CUSTOMERS.replace("anna,1,1,ACTIVE,Regularly,34", "anna,1,1,ACTIVE,Regularly,35")
    added = f"{LINE_HEADER}\n{line('2018-12-02')}\n"
    bucket.put(customers__csv=other, transactions_new__csv=added)
    assert bucket.fetch() == ["customers.csv", "transactions_new.csv"]
    assert (stamp.st_size, bucket.held()["customers.csv"]) == (len(other), other)
    bucket.delete("transactions_new.csv")
    assert bucket.fetch() == []
    assert sorted(bucket.held()) == ["articles.csv", "customers.csv", BASE]


def test_only_input_files_directly_under_the_prefix_are_fetched(bucket):
    bucket.put(notes__txt="mine", **{"old/transactions_train__csv": LINES})
    bucket.s3.put_object(Bucket=bucket.name, Key="drop2/customers.csv", Body=b"another")
    assert sorted(bucket.fetch()) == ["articles.csv", "customers.csv", BASE]
    assert bucket.held()["customers.csv"] == CUSTOMERS


def test_names_are_what_they_are_in_the_bucket(bucket):
    names = [
        "transactions_März 2019.csv",
        "transactions_50%.csv",
        "transactions_x%20y.csv",
        "transactions_a+#.csv",
    ]
    for name in names:
        bucket.s3.put_object(Bucket=bucket.name, Key=f"drop/{name}", Body=name.encode())
    bucket.fetch()
    assert {name: bucket.held()[name] for name in names} == {name: name for name in names}


def test_a_file_that_is_lost_or_cut_here_is_fetched_again(bucket):
    bucket.fetch()
    (bucket.folder / "customers.csv").unlink()
    (bucket.folder / BASE).write_text("t_dat")
    assert bucket.fetch() == ["customers.csv", BASE]
    assert bucket.held()[BASE] == LINES


def test_a_fetch_that_breaks_off_leaves_what_was_there(bucket, endpoint, monkeypatch):
    bucket.put(transactions_extra__csv=f"{LINE_HEADER}\n{line('2018-12-02')}\n")
    bucket.fetch()
    before = bucket.held()
    # An addition comes again under another name. Were it here beside the old one, its line would count twice.
    bucket.delete("transactions_extra.csv")
    bucket.put(transactions_again__csv=before["transactions_extra.csv"] + f"{line('2018-12-03')}\n")
    # Long enough that the listing and what comes first, which are short, come through.
    long = LINES + f"{line()}\n" * 20_000
    bucket.put(transactions_train__csv=long)
    with bad_line(endpoint, 50_000) as broken:
        monkeypatch.setenv("AWS_ENDPOINT_URL", broken)
        with pytest.raises(LandingError) as told:
            bucket.fetch()
    assert "\n" not in str(told.value)
    assert bucket.held() == before
    assert [path.name for path in (bucket.folder / objects.NOTES).iterdir() if path.suffix == ""] == ["lock"]
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    assert bucket.fetch() == ["transactions_again.csv", BASE]
    assert bucket.held().keys() == before.keys() - {"transactions_extra.csv"} | {"transactions_again.csv"}
    assert bucket.held()[BASE] == long


def test_what_a_killed_fetch_replaced_is_not_taken_for_what_it_was(bucket, monkeypatch):
    bucket.fetch()
    younger = CUSTOMERS.replace("ACTIVE,Regularly,34", "ACTIVE,Regularly,24")
    bucket.put(customers__csv=younger)
    write = artifacts.write_json

    def killed(path: Path, value: Any) -> Path:
        if bucket.held()["customers.csv"] == younger:
            raise KeyboardInterrupt
        return write(path, value)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(artifacts, "write_json", killed)
        bucket.fetch()
    bucket.put(customers__csv=CUSTOMERS)  # taken back, and of the same size
    assert bucket.fetch() == ["customers.csv"]
    assert bucket.held()["customers.csv"] == CUSTOMERS


def test_what_a_killed_fetch_left_goes_with_the_next_look(bucket):
    bucket.fetch()
    (parts := bucket.folder / objects.NOTES / "parts").mkdir()
    (parts / "customers.csv").write_text("anna")
    assert bucket.fetch() == []
    assert not parts.exists()


def test_an_object_that_is_replaced_while_it_is_fetched_is_not_taken(bucket, monkeypatch):
    bucket.fetch()
    old = objects.listed(bucket.address)
    bucket.put(customers__csv=CUSTOMERS + "emil,,,,,,\n")
    (bucket.folder / "customers.csv").unlink()
    monkeypatch.setattr(objects, "listed", lambda address: old)
    with pytest.raises(NotReady, match=r"drop/customers\.csv was replaced or deleted while it was fetched"):
        bucket.fetch()
    assert "customers.csv" not in bucket.held()


def test_a_second_fetch_at_the_same_time_is_told_so(bucket):
    with (
        objects._alone(bucket.address, bucket.folder, wait=True),
        pytest.raises(NotReady, match="another process"),
    ):
        objects.fetch(bucket.address, bucket.folder, wait=False)


def sentence(bucket: Bucket, address: str | None = None) -> str:
    with pytest.raises(LandingError) as told:
        objects.fetch(address or bucket.address, bucket.folder)
    said = str(told.value)
    assert "HM_RAW" in said
    assert "\n" not in said
    assert len(said) < 500
    return said


def test_a_bucket_or_prefix_that_is_not_there_is_one_sentence(bucket):
    missing = sentence(bucket, "s3://no-such-bucket/drop")
    assert "s3://no-such-bucket/drop cannot be read (NoSuchBucket: " in missing
    assert "AWS_ENDPOINT_URL" in missing
    assert f"no input file lies directly under s3://{bucket.name}/dorp" in sentence(
        bucket, f"s3://{bucket.name}/dorp"
    )


def test_wrong_credentials_are_one_sentence_and_repeat_no_secret(bucket, endpoint, monkeypatch):
    iam = client(endpoint, "iam")
    iam.create_user(UserName="reader")
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    allowed = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_user_policy(UserName="reader", PolicyName="read", PolicyDocument=policy)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "not-the-secret")
    try:
        httpx.post(f"{endpoint}/moto-api/reset-auth", content="0")  # from now on it looks
        said = sentence(bucket)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        assert len(bucket.fetch()) == 3
    finally:
        httpx.post(f"{endpoint}/moto-api/reset-auth", content="inf")
    assert "SignatureDoesNotMatch" in said
    assert "AWS_SECRET_ACCESS_KEY" in said
    assert key["AccessKeyId"] not in said
    assert "not-the-secret" not in said


def test_a_server_that_does_not_answer_is_one_sentence(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    assert "error sending request" in sentence(bucket)


def test_a_password_in_the_endpoint_is_not_repeated(bucket, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://user:hunter2@127.0.0.1:9")
    said = sentence(bucket)
    assert "http://127.0.0.1:9/" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    ("status", "told"), [(403, "403 Forbidden"), (500, "500 Internal"), (200, "invalid list response")]
)
def test_an_answer_of_no_storage_is_not_quoted(bucket, monkeypatch, status, told):
    with something_else(status, b"log in with the token hunter2") as address:
        monkeypatch.setenv("AWS_ENDPOINT_URL", address)
        said = sentence(bucket)
    assert told in said
    assert "hunter2" not in said


@pytest.mark.parametrize("folder", ["drop//", "drop/../"])
def test_a_name_that_no_file_can_have_is_told_and_not_laid_to_the_credentials(bucket, folder):
    bucket.s3.put_object(Bucket=bucket.name, Key=f"{folder}customers.csv", Body=b"")
    said = sentence(bucket)
    assert f"{bucket.address} holds objects under {folder!r}, and no file can have such a name" in said
    assert "AWS_" not in said


def test_without_the_package_it_says_what_to_install(bucket, monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore.store", None)
    with pytest.raises(LandingError, match=r'pip install -c constraints\.txt "hm_assets\[s3\]"'):
        bucket.fetch()


def claim(bucket: Bucket) -> None:
    warehouse, today = bucket.folder.parents[1], dt.date(2026, 1, 1)
    identity.claim(warehouse, "a test", bucket.folder, DAYS, "quick", today, bucket.address)


class Shop:
    """A warehouse whose landing zone is a bucket, and its landing sensor."""

    def __init__(self, bucket: Bucket, instance: dg.DagsterInstance) -> None:
        self.bucket, self.instance, self.cursor = bucket, instance, ""
        self.warehouse = bucket.folder.parents[1]
        bucket.fetch()
        claim(bucket)

    def tick(self) -> set[tuple[str, str | None]]:
        """The assets and months that a tick tells."""
        resources = {"warehouse": Warehouse(Settings(warehouse=self.warehouse))}
        context = dg.build_sensor_context(self.instance, self.cursor, resources=resources)
        data = landing_sensor.evaluate_tick(context)
        self.cursor = data.cursor or self.cursor
        for event in data.asset_events:
            self.instance.report_runless_asset_event(event)
        return {(event.asset_key.path[-1], event.partition) for event in data.asset_events}


def test_the_sensor_tells_what_came_changed_and_vanished_in_the_bucket(bucket):
    with dg.instance_for_test() as instance:
        shop = Shop(bucket, instance)
        shop.tick()
        assert shop.tick() == set()
        bucket.put(**{"transactions_2018-12__csv": f"{LINE_HEADER}\n{line('2018-12-02')}\n"})
        assert shop.tick() == {("transactions", "2018-12-01")}
        bucket.put(**{"transactions_2018-12__csv": f"{LINE_HEADER}\n{line('2018-12-03')}\n"})
        assert shop.tick() == {("transactions", "2018-12-01")}
        bucket.delete("transactions_2018-12.csv")
        assert shop.tick() == {("transactions", "2018-12-01")}
        bucket.delete("customers.csv")
        assert shop.tick() == set()
        assert "customers.csv is missing" in refusal.read(shop.warehouse)[0].reason
        bucket.put(customers__csv=CUSTOMERS)
        assert shop.tick() == set()  # the same content again changes nothing
        assert refusal.read(shop.warehouse) == []


def test_a_storage_that_is_away_is_refused_by_the_sensor_and_named_by_the_doctor(bucket, monkeypatch):
    with dg.instance_for_test() as instance:
        shop = Shop(bucket, instance)
        settings = Settings(warehouse=shop.warehouse)
        assert [found.state for found in doctor.landing_zone(settings)] == ["OK", "OK"]
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        assert shop.tick() == set()
        assert f"HM_RAW: {bucket.address} cannot be read" in refusal.read(shop.warehouse)[0].reason
        assert next((found.what, found.state) for found in doctor.landing_zone(settings)) == (
            "object storage",
            "fault",
        )


def test_what_is_to_be_put_or_deleted_is_to_be_so_in_the_bucket(bucket):
    with dg.instance_for_test() as instance:
        shop = Shop(bucket, instance)

        def refused() -> str:
            assert shop.tick() == set()
            return refusal.read(shop.warehouse)[0].reason

        bucket.put(customers__parquet="")
        assert f"in {bucket.address} are two forms of the same file. Delete the older one" in refused()
        bucket.delete("customers.parquet")
        bucket.delete("customers.csv")
        assert f"in {bucket.address}. Put the three files" in refused()
        bucket.put(customers__csv=CUSTOMERS, source__json="{}")
        shop.tick()
        with pytest.raises(LandingError, match=rf"^{bucket.address}/source\.json is not what .* Delete it"):
            origin.of(bucket.folder, bucket.address)
        with pytest.raises(LandingError, match=rf"^{bucket.address}/campaign_results: no such file.* put it"):
            campaign.read(Settings(warehouse=shop.warehouse), None)


def test_a_warehouse_that_was_moved_fetches_into_its_new_place(bucket):
    with dg.instance_for_test() as instance:
        shop = Shop(bucket, instance)
        shop.tick()
        shop.warehouse = shop.warehouse.rename(shop.warehouse.with_name("moved"))
        bucket.put(transactions_new__csv=f"{LINE_HEADER}\n{line('2018-12-02')}\n")
        assert shop.tick() == {("transactions", "2018-12-01")}
        assert (identity.of(shop.warehouse).raw / "transactions_new.csv").is_relative_to(shop.warehouse)
        assert not bucket.folder.exists()


def test_a_copy_that_cannot_be_written_is_refused_in_a_sentence(bucket):
    with dg.instance_for_test() as instance:
        shop = Shop(bucket, instance)
        (lock := bucket.folder / objects.NOTES / "lock").unlink()
        lock.mkdir()
        assert shop.tick() == set()
        assert f"{lock} cannot be read or written (Is a directory)" in refusal.read(shop.warehouse)[0].reason


def test_forgetting_names_the_object_and_leaves_the_copy_to_the_bucket(bucket):
    anna = "anna-0123456789abcdef"
    bucket.put(customers__csv=CUSTOMERS.replace("anna", anna))
    bucket.fetch()
    warehouse = bucket.folder.parents[1]
    claim(bucket)
    where = Where(warehouse, warehouse / "reports", warehouse / ".dagster")
    found = forget.find(where, bucket.folder, anna)
    assert found.places.all == {}
    assert f"  {bucket.address}/customers.csv: 1 times" in found.in_the_landing_zone()
    forget.carry_out(where, found.person, lambda _: None)
    # A fetch that was killed, and what a warehouse read before, are no copy of what the bucket holds.
    other = copy_of(warehouse, "s3://other")
    left = {str(bucket.folder / objects.NOTES / "parts" / "customers.csv"), str(other / "customers.csv")}
    for path in left:
        artifacts.write_text(Path(path), anna)
    assert forget.find(where, bucket.folder, anna).places.all.keys() == left


def test_of_another_bucket_that_is_refused_nothing_stays(bucket):
    bucket.fetch()
    claim(bucket)
    for path in bucket.held():
        bucket.s3.put_object(Bucket=bucket.name, Key=f"other/{path}", Body=bucket.held()[path].encode())
    warehouse, address = bucket.folder.parents[1], f"s3://{bucket.name}/other"
    with pytest.raises(WarehouseError, match=f"holds a test, and this is the files in {address}"):
        landed(Settings(warehouse=warehouse, raw=address), None, replace=False)
    assert list((warehouse / COPIES).iterdir()) == [bucket.folder]
    assert len(bucket.held()) == 3


@pytest.mark.slow
def test_a_run_from_a_bucket_makes_the_tables_of_a_run_from_a_folder(bucket, small, hm, tmp_path):
    for path in small.iterdir():
        bucket.s3.upload_file(str(path), bucket.name, f"drop/{path.name}")
    here, there = tmp_path / "local", tmp_path / "fetched"
    made = [
        hm("run", "--raw", raw, "--warehouse", warehouse, "--select", "group:raw")
        for raw, warehouse in ((small, here), (bucket.address, there))
    ]
    assert [run.returncode for run in made] == [0, 0], [run.stderr for run in made]
    assert contents(there) == contents(here) != {}
    assert f"in {bucket.address}" in made[1].stdout
    known = identity.of(there)
    assert (known.fetched_from, known.source) == (bucket.address, identity.of(here).source)
    # The address belongs to the warehouse: nobody has to name it again, and --replace keeps what was just fetched.
    header, *_, one = (small / BASE).read_text().splitlines(keepends=True)
    bucket.put(**{"transactions_2019-06__csv": header + one})
    objects.fetch(bucket.address, left := there / COPIES / "old@drop")
    for options in ((), ("--replace",)):
        again = hm("run", "--warehouse", there, "--select", "group:raw", *options)
        assert again.returncode == 0, again.stderr
        months = {month: count for month, (count, _) in contents(there)["raw/transactions"].items()}
        assert months[dt.date(2019, 6, 1)] == 1
        assert not left.exists()

"""What is deployed names what there is: commands, settings, files. Neither systemd nor Docker runs here."""

import configparser
import re
import shlex
from pathlib import Path

import pytest
import yaml

from hm_assets.commands.serve import SERVERS
from hm_assets.settings import Settings
from hm_assets.warehouse.errors import HmAssetsError
from hm_assets.warehouse.instance import POSTGRES_URL, configuration, set_home

DEPLOY = Path(__file__).parents[1] / "deploy"
STORAGE = {
    "HM_RAW",
    *re.findall("AWS_[A-Z_]+", (DEPLOY.parent / "docs" / "scaling.md").read_text()),
}
KNOWN = {f"HM_{name.upper()}" for name in Settings.model_fields}


def test_the_instance_for_a_team_is_the_one_that_the_commands_write():
    assert (DEPLOY / "dagster.yaml").read_text() == configuration(postgres=True)
    one, team = (yaml.safe_load(configuration(postgres)) for postgres in (False, True))
    assert team == {**one, "storage": {"postgres": {"postgres_url": {"env": POSTGRES_URL}}}}


def test_the_procfile_and_the_units_start_every_server():
    lines = dict(line.split(": ") for line in (DEPLOY / "Procfile").read_text().splitlines())
    assert lines == {name: f"hm serve {name}" for name in SERVERS}
    units = {}
    for path in (DEPLOY / "systemd").glob("*.service"):
        unit = configparser.ConfigParser(strict=True)
        unit.optionxform = str
        unit.read(path)
        assert unit["Service"]["EnvironmentFile"] == "/etc/hm_assets.env"
        hm, *arguments = shlex.split(unit["Service"]["ExecStart"])
        assert hm.endswith("/bin/hm")
        units[path.stem] = arguments
    assert units == {f"hm-assets-{name}": ["serve", name] for name in SERVERS}


def test_the_containers_start_every_server_from_one_image_on_one_database():
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]
    assert services.keys() == {"postgres", *SERVERS}
    for name in SERVERS:
        service = services[name]
        assert service["command"][:3] == ["hm", "serve", name]
        assert service["environment"].keys() <= KNOWN | STORAGE
        assert service["depends_on"] == {"postgres": {"condition": "service_healthy"}}
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).resolve() == (
            DEPLOY / "Dockerfile"
        ).resolve()
    image = (DEPLOY / "Dockerfile").read_text()
    for name in ("code", "daemon"):
        told = services[name]["environment"]
        assert told.keys() >= STORAGE
        # Of a variable without a value Compose takes away the one of the image, too.
        assert all(told[name] for name in re.findall(r"(HM_\w+)=", image) if name in told)
    for service in services.values():
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= compose["volumes"].keys()
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))


def test_the_image_copies_what_there_is_and_installs_the_pins():
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    steps = [line.split(maxsplit=1) for line in text.splitlines() if line and not line.startswith("#")]
    copied = [source for kind, rest in steps if kind == "COPY" for source in rest.split()[:-1]]
    assert [source for source in copied if not (DEPLOY.parent / source).exists()] == []
    assert any(
        "-c constraints.txt" in rest and "[postgres,s3]" in rest for kind, rest in steps if kind == "RUN"
    )
    assert steps[-1][0] == "CMD"
    assert [kind for kind, _ in steps].index("USER") < len(steps) - 1


def test_every_setting_that_is_named_exists():
    named = {
        name
        for path in DEPLOY.rglob("*")
        if path.is_file()
        for name in re.findall(r"\bHM_[A-Z_]+", path.read_text())
    }
    assert named <= KNOWN


@pytest.fixture
def unnamed(monkeypatch):
    for name in ("DAGSTER_HOME", POSTGRES_URL):
        monkeypatch.setenv(name, "")
        monkeypatch.delenv(name)


URL = "postgresql://hm:secret@127.0.0.1/hm"


def test_what_a_person_changed_stays_and_a_contradiction_is_told(tmp_path, unnamed):
    config = set_home(tmp_path) / "dagster.yaml"
    mine = configuration(postgres=False) + "# mine\n"
    config.write_text(mine)
    set_home(tmp_path)
    assert config.read_text() == mine
    with pytest.raises(HmAssetsError, match="was changed by hand and names no Postgres") as caught:
        set_home(tmp_path, URL)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("url", ["mysql://hm:secret@db/hm", "hm:secret@db"])
def test_an_address_that_is_no_postgres_is_refused_without_being_told(tmp_path, unnamed, url):
    with pytest.raises(HmAssetsError, match="is no address of a Postgres") as caught:
        set_home(tmp_path, url)
    assert "secret" not in str(caught.value)


def test_a_relative_home_is_refused(tmp_path, unnamed, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", "here")
    with pytest.raises(HmAssetsError, match="DAGSTER_HOME is here; Dagster wants an absolute folder"):
        set_home(tmp_path)

import socket
import sys

import pytest
import yaml

from hm_assets.commands import serve
from hm_assets.settings import Settings
from hm_assets.warehouse.errors import HmAssetsError


@pytest.fixture
def settings(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(serve, "PATIENCE_SECONDS", 0)
    with socket.socket() as code_server:
        code_server.bind(("127.0.0.1", 0))
        code_server.listen()
        port = code_server.getsockname()[1]
        yield Settings(warehouse=tmp_path / "warehouse", code_server=f"127.0.0.1:{port}")


def test_each_server_finds_the_instance_made_and_the_code_server_by_one_name(tmp_path, settings):
    port = settings.code_server.partition(":")[2]
    for server in serve.SERVERS:
        command = serve.command(settings, server, "127.0.0.1", None)
        assert command[:2] == [sys.executable, "-m"]
        assert (tmp_path / "home" / "dagster.yaml").exists()
        assert list((tmp_path / "home").glob("**/*.db"))
        if server in (serve.WEBSERVER, serve.DAEMON):
            (place,) = yaml.safe_load((tmp_path / "home" / "servers.yaml").read_text())["load_from"]
            assert place["grpc_server"] == {
                "host": "127.0.0.1",
                "port": int(port),
                "location_name": "hm_assets",
            }
            assert str(tmp_path / "home" / "servers.yaml") in command
        if server != serve.DAEMON:
            assert command[-1] == {serve.WEBSERVER: "3000", serve.PORTAL: "8000"}.get(server, port)


def test_without_a_code_server_the_webserver_says_what_to_start(settings):
    alone = settings.model_copy(update={"code_server": "127.0.0.1:9"})
    with pytest.raises(HmAssetsError, match=r"no code server answers at 127\.0\.0\.1:9 .* `hm serve code`"):
        serve.command(alone, serve.WEBSERVER, "127.0.0.1", None)


def test_an_unknown_server_is_named(settings):
    with pytest.raises(HmAssetsError, match="no server mail; there are code, webserver, daemon, portal"):
        serve.command(settings, "mail", "127.0.0.1", None)

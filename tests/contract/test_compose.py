"""The production set in docker-compose.yml names only settings that exist and services that belong together."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from market.settings import DOCUMENTED, load
from market.transparency.keys import new_signer, write_signer

ROOT = Path(__file__).resolve().parents[2]
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES = COMPOSE["services"]
SECRETS = {
    "MARKET_SECRET_KEY": "x" * 40,
    "MARKET_LOG_KEY": write_signer(new_signer("benang.example/log")),
    "MARKET_BASE_URL": "https://benang.example",
    "POSTGRES_PASSWORD": "p",
    "S3_ACCESS_KEY": "a",
    "S3_SECRET_KEY": "s",
}


def filled(value: str) -> str:
    """What compose makes of `${NAME:-default}` and `${NAME:?message}`."""

    def one(match: re.Match[str]) -> str:
        name, _, default = match[1].partition(":")
        return SECRETS.get(name, default[1:] if default.startswith("-") else "")

    return re.sub(r"\$\{([^}]+)\}", one, value)


def test_every_service_the_mission_names_is_there():
    assert {"web", "worker", "database", "storage", "mail", "proxy"} <= set(SERVICES)
    assert int(filled(SERVICES["web"]["environment"]["MARKET_PROCESSES"])) > 1


def test_web_and_worker_use_only_documented_settings_and_those_load():
    for name in ("web", "worker"):
        environment = {key: filled(str(value)) for key, value in SERVICES[name]["environment"].items()}
        assert set(environment) <= set(DOCUMENTED)
        settings = load(environment)
        assert not settings.demo
        assert settings.database_url.startswith("postgres://benang:p@database:5432/")
        assert settings.s3 is not None


def test_a_night_s_backup_sees_what_the_site_sees_and_is_no_part_of_the_site():
    backup, web = SERVICES["backup"], SERVICES["web"]
    assert backup["profiles"] == ["operations"]
    assert set(backup["environment"]) <= set(web["environment"])
    for name in ("MARKET_DATABASE_URL", "MARKET_SECRET_KEY", "MARKET_LOG_KEY", "MARKET_S3_BUCKET"):
        assert backup["environment"][name] == web["environment"][name]
    assert backup["command"][3] == "backup"
    folder = backup["command"][4]
    assert f"backup-data:{folder}" in backup["volumes"]
    assert f"chown benang /data {folder}" in (ROOT / "Dockerfile").read_text()
    assert set(web["volumes"]) < set(backup["volumes"])


def test_every_secret_is_demanded_rather_than_defaulted():
    text = (ROOT / "docker-compose.yml").read_text()
    for name in SECRETS:
        assert f"${{{name}:?" in text
        assert f"${{{name}:-" not in text


def test_dependencies_name_services_and_volumes_are_declared():
    for service in SERVICES.values():
        assert set(service.get("depends_on", {})) <= set(SERVICES)
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or (ROOT / source).exists()

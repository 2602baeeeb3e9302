"""Settings: where they come from, which wins, and what a mistake says."""

from __future__ import annotations

from pathlib import Path

import pytest

from modelcensus.core.errors import SettingsError
from modelcensus.settings import Settings, load, shown
from modelcensus.wiring import configured_sources


def write(folder: Path, *, toml: str = "", dotenv: str = "") -> Path:
    if toml:
        (folder / "modelcensus.toml").write_text(toml)
    if dotenv:
        (folder / ".env").write_text(dotenv)
    return folder


def test_nothing_set_is_the_defaults(tmp_path: Path) -> None:
    loaded = load(tmp_path, {})
    assert (loaded.settings, loaded.origins) == (Settings(), {})


def test_the_environment_wins_over_dotenv_and_that_over_toml(tmp_path: Path) -> None:
    write(
        tmp_path, toml="port = 1\nhost = 'a'\ndatabase_timeout = 3", dotenv="MODELCENSUS_PORT=2\nMODELCENSUS_HOST=b\n"
    )
    loaded = load(tmp_path, {"MODELCENSUS_PORT": "3"})
    settings = loaded.settings
    assert (settings.port, settings.host, settings.database_timeout) == (3, "b", 3.0)
    assert loaded.origins == {
        "port": "environment MODELCENSUS_PORT",
        "host": ".env MODELCENSUS_HOST",
        "database_timeout": "modelcensus.toml",
    }


def test_our_own_name_wins_over_a_foreign_one(tmp_path: Path) -> None:
    variables = {"MODELCENSUS_DATABASE_URL": "sqlite:///own.db", "DATABASE_URL": "sqlite:///foreign.db"}
    assert load(tmp_path, variables).settings.database_url == "sqlite:///own.db"


def test_foreign_names_are_understood(tmp_path: Path) -> None:
    settings = load(tmp_path, {"DATABASE_URL": "sqlite:///x.db", "OPENROUTER_API_KEY": "k"}).settings
    assert (settings.database_url, settings.sources["openrouter"].key) == ("sqlite:///x.db", "k")


def test_a_nested_setting_is_reached_with_double_underscores(tmp_path: Path) -> None:
    variables = {"MODELCENSUS_SOURCES__GENAI_PRICES__ENABLED": "false", "MODELCENSUS_HTTP__ATTEMPTS": "2"}
    settings = load(tmp_path, variables).settings
    assert (settings.sources["genai-prices"].enabled, settings.http.attempts) == (False, 2)


def test_secrets_are_never_shown(tmp_path: Path) -> None:
    toml = """database_url = "postgresql://me:hunter2@db/x"
    [sources.openrouter]
    key = "sk-very-secret"
    """
    rows = shown(load(write(tmp_path, toml=toml), {}))
    assert "sk-very-secret" not in repr(rows)
    assert "hunter2" not in repr(rows)
    assert {row.name: row.origin for row in rows}["sources.openrouter.key"] == "modelcensus.toml"


@pytest.mark.parametrize("proxy", ["http://me:hunter2@proxy:8080", "http://:hunter2@proxy:1"])
def test_a_password_in_a_proxy_is_never_shown(tmp_path: Path, proxy: str) -> None:
    rows = shown(load(write(tmp_path, toml=f'[sources.openrouter]\nproxy = "{proxy}"'), {}))
    assert "hunter2" not in repr(rows)


@pytest.mark.parametrize(
    ("toml", "variables", "name", "place"),
    [
        ("prot = 1", {}, "prot", "modelcensus.toml"),
        ("[http]\nspeed = 1", {}, "http.speed", "modelcensus.toml"),
        ("[sources.openrouter]\nkye = 'x'", {}, "sources.openrouter.kye", "modelcensus.toml"),
        ("port = 'many'", {}, "port", "modelcensus.toml"),
        ("", {"MODELCENSUS_PORT": "many"}, "port", "environment MODELCENSUS_PORT"),
        ("", {"MODELCENSUS_PROT": "1"}, "prot", "environment MODELCENSUS_PROT"),
        ("", {"MODELCENSUS_HTTP__ATTEMPTS": "x"}, "http.attempts", "environment MODELCENSUS_HTTP__ATTEMPTS"),
        ("[sources.openrouter]\nenabled = 'perhaps'", {}, "sources.openrouter.enabled", "modelcensus.toml"),
        ("sources = 5", {}, "sources", "modelcensus.toml"),
    ],
)
def test_a_mistake_names_the_setting_and_its_place_in_one_line(
    tmp_path: Path, toml: str, variables: dict[str, str], name: str, place: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, toml=toml), variables)
    assert name in caught.value.message
    assert place in caught.value.message
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("toml", ["port =", "port = 1\nport = 2", "[a"])
def test_a_broken_file_is_said_to_be_broken(tmp_path: Path, toml: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, toml=toml), {})
    assert "modelcensus.toml" in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_secret_of_the_wrong_type_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, toml="[sources.openrouter]\nkey = ['sk-very-secret']"), {})
    assert "sk-very-secret" not in str(caught.value)


def test_an_unknown_adapter_names_the_known_ones(tmp_path: Path) -> None:
    settings = load(write(tmp_path, toml="[sources.mine]\nadapter = 'nobody'"), {}).settings
    with pytest.raises(SettingsError) as caught:
        configured_sources(settings)
    assert "openrouter" in caught.value.hint

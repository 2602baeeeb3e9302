"""No line holds what is a secret, or looks like one."""

from __future__ import annotations

import pytest

from modelcensus.logs.masking import MASK, masker

SHAPES = [
    "sk-or-v1-" + "0123456789abcdef" * 4,
    "sk-ant-api03-" + "Ab_-" * 12,
    "sk-proj-" + "x1" * 20,
    "pk-lf-" + "0a1b2c3d-" * 3 + "x",
    "hf_" + "AbCdEfGh" * 4,
    "AIza" + "Sy_-0123" * 5,
    "mct_" + "A0b1" * 10 + "xyz",
    "whsec_" + "QUJDREVG" * 4 + "==",
    "signkey-prod-" + "0123456789abcdef" * 4,
    "ghp_" + "a1B2" * 9,
    "xoxb-" + "123456789012-abcdef",
    "AKIA" + "ABCDEFGH12345678",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
]


@pytest.mark.parametrize("secret", SHAPES)
def test_what_looks_like_a_key_is_masked_wherever_it_stands(secret: str) -> None:
    for text in (secret, f"the key '{secret}' was refused", f'{{"key":"{secret}"}}', f"a={secret}&b=2"):
        assert secret not in masker()(text)
        assert MASK in masker()(text)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("Authorization: Bearer abcdef.123456", "Authorization: Bearer ***"),
        ("postgresql://ann:pass@word@db/x", "postgresql://***@db/x"),
        ("https://hooks.slack.com/services/T0/B0/xyz said no", "https://hooks.slack.com/services/*** said no"),
        (
            "POST https://discord.com/api/webhooks/1/abc?wait=true",
            "POST https://discord.com/api/webhooks/***?wait=true",
        ),
        ("https://x.org/a?api_key=123&page=2", "https://x.org/a?api_key=***&page=2"),
        ("password='correct-horse-battery'", "password='***'"),
    ],
)
def test_what_stands_where_a_secret_stands_is_masked(text: str, told: str) -> None:
    assert masker()(text) == told


@pytest.mark.parametrize(
    "text",
    [
        "openai/gpt-4.1 of openrouter: 3 added, 12 updated",
        "https://openrouter.ai/api/v1/models?limit=100",
        "risk-averse-and-task-oriented-words task_force_of_many_people_here",
        "token: expired",
        "2026-01-01T12:30:00Z sha256=9f2c" + "0" * 60,
        "run=01JZ8Q4W9Y7T6S5R4Q3P2N1M0K",
    ],
)
def test_what_is_no_secret_is_told(text: str) -> None:
    assert masker()(text) == text


def test_the_settings_own_secrets_are_masked_also_as_urls_write_them() -> None:
    mask = masker(["correct horse/battery", "correct", "abc"])
    assert mask("a correct horse/battery") == "a ***"
    assert mask("/t/correct%20horse%2Fbattery/x /t/correct+horse%2Fbattery") == "/t/***/x /t/***"
    assert mask("abc") == "abc", "what is too short could be anywhere"

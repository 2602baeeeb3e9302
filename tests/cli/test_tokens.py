from __future__ import annotations

import os
import pty
import re
import subprocess
import sys

import pytest

from tests.cli.program import Program, environment

SECRET = re.compile(r"mct_[A-Za-z0-9_-]{43}")


def test_into_a_pipe_goes_the_secret_alone_and_the_rest_to_the_terminal(program: Program) -> None:
    ran = program("token", "create", "ci", "--role", "viewer", "--expires", "90d")
    assert ran.code == 0, ran.err
    assert SECRET.fullmatch(ran.out.removesuffix("\n"))
    assert "token ci: viewer, enterprise, ends 20" in ran.err
    assert "this once" in ran.err
    assert not SECRET.search(ran.err)


def test_on_a_terminal_the_secret_is_shown_whole_on_a_line_of_its_own(program: Program) -> None:
    host, guest = pty.openpty()
    env = environment(COLUMNS="40", TERM="xterm")
    command = [sys.executable, "-m", "modelcensus", "token", "create", "ci", "--role", "reader"]
    subprocess.run(command, cwd=program.folder, env=env, stdout=guest, stderr=guest, check=True, timeout=60)
    os.close(guest)
    shown = os.read(host, 65536).decode()
    os.close(host)
    assert len(re.findall(rf"^  {SECRET.pattern}\r?$", shown, re.MULTILINE)) == 1
    assert "Copy it now" in shown


def test_programs_get_the_token_and_its_secret_as_json(program: Program) -> None:
    made = program("token", "create", "ci", "--role", "reader", "--tier", "pro", "--as", "ada", "--json").document
    assert SECRET.fullmatch(made["secret"])
    token = made["token"]
    assert (token["name"], token["role"], token["tier"], token["state"]) == ("ci", "reader", "pro", "live")
    assert (token["created_by"], token["expires_at"], token["last_used_at"]) == ("ada", None, None)


def test_a_list_tells_all_but_secrets_and_revoked_ones_only_when_asked(program: Program) -> None:
    secret = program("token", "create", "old", "--role", "admin", "--expires", "2099-01-01").out.strip()
    program("token", "create", "new", "--role", "curator")
    assert program("token", "revoke", "old", "--reason", "it leaked").code == 0
    shown, everything = program("token", "list"), program("token", "list", "--all")
    assert [line.split()[:4] for line in shown.out.splitlines()[1:]] == [["new", "curator", "enterprise", "live"]]
    assert ["old", "admin", "enterprise", "revoked"] in [line.split()[:4] for line in everything.out.splitlines()]
    assert "2099-01-01" in everything.out
    told = "".join(program("token", "list", "--all", "--json").out) + program("audit").out + everything.out
    assert secret not in told
    assert "it leaked" in told


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("create", "a b", "--role", "reader"), 2, "cannot be the name"),
        (("create", "ci", "--role", "boss"), 2, "is not one of"),
        (("create", "ci", "--role", "reader", "--expires", "2020-01-01"), 2, "over already"),
        (("create", "ci", "--role", "reader", "--expires", "soon"), 2, "is not a time"),
        (("create", "mct_" + "A" * 43, "--role", "reader"), 2, "cannot be the name"),
        (("revoke", "nobody", "--reason", "x"), 3, "there is no token 'nobody'"),
        (("create", "twice", "--role", "reader"), 2, "already"),
    ],
)
def test_what_cannot_be_done_is_told_with_a_hint(
    program: Program, words: tuple[str, ...], code: int, said: str
) -> None:
    assert program("token", "create", "twice", "--role", "reader").code == 0
    ran = program("token", *words)
    assert (ran.code, ran.out, said in ran.err, "hint:" in ran.err) == (code, "", True, True)
    assert "mct_" not in ran.err


def test_an_empty_list_says_how_to_begin(program: Program) -> None:
    program("token", "create", "ci", "--role", "reader")
    program("token", "revoke", "ci", "--reason", "x")
    ran = program("token", "list")
    assert (ran.code, "modelcensus token create" in ran.out) == (0, True)

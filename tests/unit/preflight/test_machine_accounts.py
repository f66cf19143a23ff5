"""Which accounts of a machine can read tokens, as the doctor judges it."""

import struct
from pathlib import Path

import pytest

from zalo_alert.preflight.machine_accounts import Caller, HeldFile, check_caller, check_readers, named_readers
from zalo_alert.preflight.token_health import Grade

OWNER, OTHER = 998, 1001
PATH = Path("ws/.zalo-alert")


def access_list(*entries):
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


ANYONE = 0xFFFFFFFF
LETS_READ = access_list((1, 6, ANYONE), (2, 4, OTHER), (4, 0, ANYONE), (0x10, 4, ANYONE), (0x20, 0, ANYONE))


def test_what_is_the_owners_alone_is_not_named():
    files = [HeldFile(PATH, 0o40700, OWNER), HeldFile(Path("/etc/zalo-alert/secrets.env"), 0o100600, 0)]

    assert check_readers(files, OWNER) == []


@pytest.mark.parametrize(
    ("file", "who", "cure"),
    [
        (HeldFile(PATH, 0o40750, OWNER), "its group", "chmod go= "),
        (HeldFile(PATH, 0o40705, OWNER), "everybody", "chmod go= "),
        (HeldFile(PATH, 0o100600, OTHER), "account 1001", "chown 998 "),
        (HeldFile(PATH, 0o40740, OWNER, LETS_READ), "user 1001", "setfacl -b "),
    ],
)
def test_who_else_can_read_is_named(file, who, cure):
    (check,) = check_readers([file], OWNER)

    assert (check.grade, who in check.said) == (Grade.WARN, True), check.said
    assert check.cure == f"{cure}{PATH}"


def test_an_access_list_says_who_reads_within_its_mask():
    masked = access_list((1, 6, ANYONE), (2, 4, OTHER), (0x10, 0, ANYONE))
    written = access_list((2, 2, OTHER), (8, 4, 50), (0x10, 7, ANYONE))

    assert named_readers(LETS_READ) == ["user 1001"]
    assert named_readers(written) == ["group 50"]
    assert [named_readers(masked), named_readers(b""), named_readers(LETS_READ[:-1])] == [[], [], []]


@pytest.mark.parametrize(
    ("caller", "warns"),
    [
        (Caller(OTHER, "dung", "/bin/bash"), True),
        (Caller(OTHER, "zalo", "/usr/sbin/nologin"), False),
        (Caller(998, "zalo-alert", "/bin/sh"), False),
        (Caller(0, "root", "/bin/bash"), False),
        (Caller(OTHER, "1001", ""), False),
    ],
)
def test_a_person_whose_own_the_tokens_are_is_warned(caller, warns):
    checks = check_caller(caller, caller.number)

    assert [check.grade for check in checks] == [Grade.WARN] * warns
    assert all("deploy/README.md" in check.cure for check in checks)


def test_a_person_who_does_not_own_them_is_not():
    assert check_caller(Caller(OTHER, "dung", "/bin/bash"), OWNER) == []

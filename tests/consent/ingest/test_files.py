"""Files and folders: which of the forms it is, and what cannot be read."""

import mailbox
from pathlib import Path

from consent.ingest.files import read_path, total_bytes
from consent.ingest.stored import Stored, Unread

RAW = b"From: ann@example.com\nSubject: unsubscribe\n\n"


def maildir(path: Path, count: int) -> mailbox.Maildir:
    box = mailbox.Maildir(path)
    for number in range(count):
        box.add(RAW + str(number).encode())
    return box


def raws(path: Path) -> list[bytes]:
    return sorted(found.raw for found in read_path(path, 1_000) if isinstance(found, Stored))


def test_a_maildir_new_and_read(tmp_path: Path) -> None:
    box = maildir(tmp_path / "box", 3)
    key = next(iter(box.keys()))
    read = box[key]
    read.set_subdir("cur")
    read.set_flags("S")
    box[key] = read
    assert raws(tmp_path / "box") == [RAW + number for number in (b"0", b"1", b"2")]
    assert total_bytes([tmp_path / "box"]) == 3 * len(RAW) + 3


def test_a_message_that_somebody_reads_meanwhile_is_still_found(tmp_path: Path) -> None:
    maildir(tmp_path / "box", 2)
    reading = read_path(tmp_path / "box", 1_000)
    first = next(reading)
    for path in sorted((tmp_path / "box" / "new").iterdir()):
        path.rename(tmp_path / "box" / "cur" / f"{path.name}:2,S")
    found = [first, *reading]
    assert {one.raw for one in found if isinstance(one, Stored)} == {RAW + b"0", RAW + b"1"}
    assert not [one for one in found if isinstance(one, Unread)]


def test_a_folder_that_is_no_maildir_is_named(tmp_path: Path) -> None:
    [found] = read_path(tmp_path, 1_000)
    assert isinstance(found, Unread)
    assert found.place == str(tmp_path)
    assert "Maildir" in found.why


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert list(read_path(tmp_path / "none", 1_000)) == [Unread(str(tmp_path / "none"), "No such file or directory")]
    assert total_bytes([tmp_path / "none"]) == 0


def test_what_cannot_be_opened_in_a_maildir_loses_no_other(tmp_path: Path) -> None:
    maildir(tmp_path / "box", 2)
    (tmp_path / "box" / "new" / "0").symlink_to(tmp_path / "nowhere")
    found = list(read_path(tmp_path / "box", 1_000))
    assert [type(one) for one in found] == [Unread, Stored, Stored]

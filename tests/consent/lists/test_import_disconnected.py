"""`manage.py import_disconnected`: files of disconnected numbers, and the answers of a register."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from consent import pipeline
from consent.models import ConsentEvent, Inbound, Permission
from tests.consent.core.example import Organisation, key_of
from tests.consent.core.test_ledger import differences
from tests.consent.lists.disconnections import DAY, GONE, NUMBER, grant, reason


def run(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_disconnected", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "gone.csv"
    path.write_text(
        "Phone Number;Disconnect Date\n4155550123;03/05/2026\n(415) 555-0124;2026-03-05\n"
        f"nobody;2026-03-05\n+44 20 7946 0018;20260305\n4155550125;\n4155550126;2999-01-01\n\n{NUMBER};2026-03-05\n"
    )
    return path


@pytest.mark.django_db
def test_a_file_ends_the_permissions_of_every_controller(organisation: Organisation, file: Path) -> None:
    for scope in ("newsletter", "globex"):
        grant(organisation, GONE - DAY, scope)
    out, err = run(str(file))
    assert out.strip() == "gone.csv: read 7, taken in 3, known before 1, not disconnected 0, unreadable 3"
    assert [line.strip().split(":")[0] for line in err.splitlines()] == ["line 4", "line 6", "line 7"]
    assert "415" not in err
    pipeline.drain()
    assert not Permission.objects.exists()
    assert ConsentEvent.objects.filter(action="invalidate", controller=None).count() == 3
    assert "taken in 0, known before 4" in run(str(file))[0]
    assert differences() == []


@pytest.mark.django_db
@pytest.mark.parametrize("header", ["Number,Date,Disconnected\n", ""])
def test_the_answers_of_a_register_count_where_they_are_yes(
    organisation: Organisation, tmp_path: Path, header: str
) -> None:
    path = tmp_path / "answers.csv"
    answers = ["yes", "no", "No Data", "YES", "perhaps"]
    path.write_text(header + "".join(f"415555{at:04d},2026-03-05,{one}\n" for at, one in enumerate(answers)))
    assert "read 5, taken in 2, known before 0, not disconnected 2, unreadable 1" in run(str(path))[0]
    pipeline.drain()
    assert set(ConsentEvent.objects.values_list("key", flat=True)) == {
        key_of("sms", "+14155550000"),
        key_of("sms", "+14155550003"),
    }


@pytest.mark.django_db
def test_a_file_of_one_controller(organisation: Organisation, file: Path) -> None:
    for scope in ("newsletter", "globex"):
        grant(organisation, GONE - DAY, scope)
    run(str(file), "--controller=globex")
    pipeline.drain()
    assert Permission.objects.get().controller_id == organisation.acme.pk
    assert reason(organisation) == "granted"


@pytest.mark.django_db
def test_a_file_of_numbers_alone_takes_its_day_from_the_command(organisation: Organisation, tmp_path: Path) -> None:
    path = tmp_path / "20260305.txt"
    path.write_text("+14155550123\n14155550124\n")
    assert "unreadable 2" in run(str(path))[0]
    assert "taken in 2" in run(str(path), "--on=2026-03-05")[0]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["/nowhere.csv"], "cannot be read: FileNotFoundError"),
        (["{file}", "--controller=nobody"], "no controller nobody"),
        (["{file}", "--column=who"], "no column 'who'"),
        (["{file}", "--on=yesterday"], "a day such as"),
    ],
)
def test_what_the_command_needs(organisation: Organisation, file: Path, arguments: list[str], says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run(*(one.format(file=file) for one in arguments))
    assert not Inbound.objects.exists()

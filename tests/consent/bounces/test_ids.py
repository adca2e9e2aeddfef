"""Bounce ids: nobody but us writes one, and every program carries it."""

from datetime import date

from django.utils import timezone

from consent.bounces.ids import find_ids, is_fresh, make_id, read_id, return_paths
from consent.configuration import Scope
from consent.normalise.keys import Key
from consent.tokens import Token, make_token

KEY = Key(bytes(range(16)))
DAY = date(2026, 9, 30)


def test_there_and_back() -> None:
    written = make_id(7, KEY, DAY)
    assert len(written) == 56
    for text in (written, written.upper()):
        read = read_id(text)
        assert read is not None
        assert (read.controller_id, read.key, read.day) == (7, KEY, DAY)
    fields = f"<{written}@acme.example>, <bounces+{written.upper()}@acme.example>, {written}"
    assert len(list(find_ids(fields))) == 3


def test_whatever_is_changed_is_no_id() -> None:
    written = make_id(7, KEY, DAY)
    changed = [
        written[:place] + ("b" if sign == "a" else "a") + written[place + 1 :] for place, sign in enumerate(written)
    ]
    others = ["", "a" * 56, written[:-1], written + "a", "1" * 56, make_token(Token("email", Scope(7, None), KEY))]
    assert [text for text in (*changed, *others) if read_id(text)] == []
    assert not list(find_ids(f"x{written}y"))


def test_a_retired_key_still_reads(settings: object) -> None:
    written = make_id(7, KEY, DAY)
    old = settings.SECRET_KEY  # type: ignore[attr-defined]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "another key of fifty letters and more, for this test", [old]  # type: ignore[attr-defined]
    assert read_id(written)
    settings.SECRET_KEY_FALLBACKS = []  # type: ignore[attr-defined]
    assert read_id(written) is None


def test_it_proves_a_month() -> None:
    now = timezone.now().replace(year=2026, month=10, day=30)
    read = [read_id(make_id(7, KEY, day)) for day in (date(2026, 9, 30), date(2026, 9, 29))]
    assert [is_fresh(one, now) for one in read if one] == [True, False]


def test_a_return_path_has_room_for_64_octets() -> None:
    written = make_id(7, KEY, DAY)
    assert return_paths("bounces@acme.example", [written]) == [f"bounces+{written}@acme.example"]
    assert return_paths("bouncing@acme.example", [written]) == return_paths(None, [written]) == [None]

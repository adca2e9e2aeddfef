"""Names of people at one home: the same person in another spelling, another person, or a doubt."""

from consent.normalise.post_model import Verdict
from consent.normalise.post_names import person_name
from consent.normalise.post_people import name_tokens, same_person

PAIRS: list[tuple[str, str, Verdict]] = [
    ("Dr. Ann B. O'Hara-Lund", "Ann Ohara Lund", True),
    ("Lund, Ann", "Ann Lund", True),
    ("LUND ANN", "Ann Lund", True),
    ("Ann Marie Lund", "Ms. Ann Lund, PhD", True),
    ("Ann O'HaraLund", "Ann O'Hara-Lund", True),
    ("Jürgen Größer", "Juergen Groesser", True),
    ("Jürgen Größer", "Jurgen Grosser", True),
    ("Håkan Sørensen", "Haakan Soerensen", True),
    ("Occupant", "Ann Lund", True),
    ("Ann Lund or Current Resident", "Ann Lund", True),
    ("To the Resident", "", True),
    ("A. Lund", "Ann Lund", "review"),
    ("A B Lund", "Ann Lund", "review"),
    ("Ann L.", "Ann Lund", "review"),
    ("Mr. Lund", "Ann Lund", "review"),
    ("Mr & Mrs Lund", "Ann Lund", "review"),
    ("The Lund Family", "Ann Lund", "review"),
    ("Ann and Bo Lund", "Bo Lund", "review"),
    ("Ann O'Hara-Lund", "Ann O'Hara", "review"),
    ("Ann Lundgren", "Ann Lundgreen", "review"),
    ("Katherine Lund", "Katharine Lund", "review"),
    ("Bo Lund Jr", "Bo Lund", "review"),
    ("Ann Marie Lund", "Ann Louise Lund", "review"),
    ("Anna Maria Lund", "Maria Lund", "review"),
    ("Bo Lund Jr", "Bo Lund Sr", False),
    ("Bo Lund", "Ann Lund", False),
    ("B. Lund", "Ann Lund", False),
    ("Maria Lund", "Mario Lund", False),
    ("Daniel Lund", "Daniela Lund", False),
    ("Ann Lund", "Ann Berg", False),
    ("Ann and Bo Lund", "Eve Lund", False),
]


def test_each_pair_is_weighed_as_people_would_in_both_orders() -> None:
    wrong: list[tuple[str, str, str]] = []
    for first, second, expected in PAIRS:
        one, other = person_name(first), person_name(second)
        for found in (same_person(one, other), same_person(other, one)):
            wrong += [(first, second, str(found))] if found != expected else []
        if expected is not False and name_tokens(one) and name_tokens(other) and " " in one + other:
            shares = name_tokens(one) & name_tokens(other) or first == "Ann O'HaraLund"
            wrong += [] if shares else [(first, second, "nothing in common")]
    assert wrong == []

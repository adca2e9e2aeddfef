"""What the row that decided a message looks like: an example of its rule, phrase or subject, for people."""

from consent.classify.mail import RULES
from consent.classify.mail_phrases import PHRASES
from consent.classify.mail_post import SUBJECTS
from consent.classify.text_rules import KEYWORDS, ROWS

_EXAMPLES = {
    **{row.id: row.pattern for row in ROWS},
    **{row.id: " | ".join(row.words) for row in KEYWORDS.rows},
    **{f"{phrase.language}.{phrase.row}": phrase.example for phrase in PHRASES},
    **{subject.row: subject.example for subject in SUBJECTS},
    **{rule.row: rule.example for rule in RULES},
}


def example_of(row: str) -> str:
    """Give an example of a decision's row, `""` for an unknown one. `request.en.post.stop` is the phrase's."""
    bare = row.removeprefix("request.").removeprefix("doubt.")
    return _EXAMPLES.get(row) or _EXAMPLES.get(bare) or _EXAMPLES.get(row.partition(".")[0], "")

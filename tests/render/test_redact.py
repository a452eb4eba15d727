"""``redact:`` keeps names from pages."""

from leastwise.render.redact import HIDDEN, redacted


def test_names_that_fit_a_pattern_are_hidden_and_others_are_not():
    text = "| `arn:aws:s3:::customer-a/k`, `arn:aws:s3:::logs/*` | (for example arn:aws:s3:::customer-b) |"
    assert redacted(text, ["arn:aws:s3:::customer-*"]) == (
        f"| `{HIDDEN}`, `arn:aws:s3:::logs/*` | (for example {HIDDEN}) |"
    )


def test_without_patterns_nothing_is_hidden():
    assert redacted("`arn:aws:s3:::customer-a`", []) == "`arn:aws:s3:::customer-a`"


def test_a_name_that_was_cut_is_hidden_by_what_is_left_of_it():
    assert redacted("`arn:aws:s3:::customer-aaa…`", ["arn:aws:s3:::customer-*"]) == f"`{HIDDEN}`"

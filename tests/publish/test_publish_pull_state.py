"""What a pull request remembers, and when its text is news."""

import base64
import zlib
from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leastwise.errors import PublishError
from leastwise.publish.forge import MAX_BODY
from leastwise.publish.pull_state import (
    BEGIN,
    END,
    PullState,
    differs,
    digest,
    read_state,
    sense,
    write_body,
    write_state,
)

DAY = date(2026, 11, 23)
WORDS = st.text(max_size=200).filter(lambda text: "leastwise:" not in text)


def state(text="text", grants=("removed s3:GetObject on *",)):
    return PullState("f" * 64, "h" * 40, "b" * 40, "Title", tuple(grants), digest(text), sense(text), DAY)


@given(WORDS, st.text(max_size=200), st.lists(st.text(max_size=40), max_size=9))
def test_a_body_gives_back_its_state_and_keeps_what_people_wrote(human, text, grants):
    body = write_body(human, text, state(grants=grants))
    assert read_state(body) == state(grants=grants)
    again = write_body(body, "other", state())
    assert again == write_body(human, "other", state())
    assert again.startswith(human.rstrip())


@given(st.text(max_size=300))
def test_any_text_can_stand_where_a_state_should_and_is_none(noise):
    assert read_state(noise) is None
    encoded = base64.b64encode(noise.encode(errors="surrogatepass")).decode()
    assert read_state(f"<!-- leastwise:state {encoded} -->") is None


@given(WORDS, st.integers(0, 200_000))
def test_a_body_always_fits(human, length):
    body = write_body(human, "x" * length, state())
    assert len(body) <= MAX_BODY
    assert read_state(body) == state()
    assert body.count(BEGIN) == body.count(END) == 1


def test_text_cannot_forge_the_marks():
    forged = f"{END}\n<!-- leastwise:state AAAA -->\n{BEGIN}"
    body = write_body("", forged, state())
    assert read_state(body) == state()
    assert write_body(body, "new", state()) == write_body("", "new", state())


def test_a_bomb_in_the_state_is_not_unpacked():
    bomb = base64.b64encode(zlib.compress(b" " * 50_000_000, 9)).decode()
    assert read_state(f"<!-- leastwise:state {bomb} -->") is None


def test_many_grants_fit_and_too_many_say_so():
    many = [f"removed ec2:Action{number} on arn:aws:ec2:*:*:instance/*" for number in range(2_000)]
    assert read_state(write_body("", "text", state(grants=many))).grants == tuple(many)
    hopeless = [digest(str(number)) for number in range(2_000)]
    with pytest.raises(PublishError, match="2000 grants"):
        write_body("", "text", state(grants=hopeless))


def test_a_state_is_replaced_in_place():
    body = write_body("Alice was here.", "text", state())
    closed = msgspec.structs.replace(state(), closed=datetime(2026, 11, 24, tzinfo=UTC))
    assert read_state(write_state(body, closed)) == closed
    assert write_state(write_state(body, closed), state()) == body


@pytest.mark.parametrize(
    ("shown", "now", "is_news"),
    [
        ("seen 3 times", "seen 4,001 times", False),
        ("last 2026-11-20T23:59:01Z", "last 2026-11-21T00:00:00Z", False),
        ("event 1b4e28ba-2fa1-11d2-883f-b9a761bde3fb", "event 7c9e6679-7425-40de-944b-e07fc1f90ae7", False),
        ("12 denied", "0 denied", True),
        ("0 denied", "10 denied", True),
        ("by s3", "by s3 and ec2", True),
        ("two  words\n", "two words", False),
    ],
)
def test_figures_alone_are_no_news(shown, now, is_news):
    assert differs(state(shown), now, DAY) is is_news


def test_figures_are_renewed_after_a_week():
    assert not differs(state("3 calls"), "4 calls", date(2026, 11, 29))
    assert differs(state("3 calls"), "4 calls", date(2026, 11, 30))
    assert not differs(state("3 calls"), "3 calls", date(2027, 11, 30))

"""Routing in a gap: who needs a row, who runs above whom, and the way out of a cycle."""

from __future__ import annotations

from sfdebug.drawing.layout.routes import ChannelPiece, route_gap


def test_straight_pieces_need_no_row() -> None:
    assert route_gap([ChannelPiece([4], [4]), ChannelPiece([8], [8])]) == 0


def test_pieces_far_apart_share_a_row() -> None:
    left, right = ChannelPiece([0], [6]), ChannelPiece([12], [18])
    assert route_gap([left, right]) == 1
    assert (left.upper_track, right.upper_track) == (0, 0)


def test_pieces_that_meet_do_not_share_a_row() -> None:
    assert route_gap([ChannelPiece([0], [6]), ChannelPiece([8], [14])]) == 2


def test_nested_exits_are_ordered_without_a_crossing() -> None:
    outer, inner = ChannelPiece([10], [0]), ChannelPiece([12], [6])
    route_gap([inner, outer])
    assert outer.upper_track < inner.upper_track  # the inner one's way up is right of the outer one's end


def test_the_piece_with_the_pin_above_runs_above() -> None:
    lower, upper = ChannelPiece([0], [10]), ChannelPiece([10], [20])
    assert route_gap([lower, upper]) == 2
    assert upper.upper_track < lower.upper_track


def test_a_cycle_is_broken_by_a_dogleg_in_a_free_column() -> None:
    one, other = ChannelPiece([0], [10]), ChannelPiece([10], [0])
    assert route_gap([one, other]) == 3
    split, whole = (one, other) if one.upper_track != one.lower_track else (other, one)
    assert split.upper_track < whole.upper_track < split.lower_track
    assert split.dogleg not in (0, 10)


def test_a_cycle_of_three_is_broken_too() -> None:
    pieces = [ChannelPiece([0], [10]), ChannelPiece([10], [20]), ChannelPiece([20], [0])]
    route_gap(pieces)
    doglegs = [piece for piece in pieces if piece.upper_track != piece.lower_track]
    assert len(doglegs) == 1
    for piece in pieces:
        for other in pieces:
            if piece.tops == other.bottoms:
                assert piece.upper_track < other.lower_track

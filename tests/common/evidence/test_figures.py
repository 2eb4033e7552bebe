"""Charts: their intervals, their legends, and the hash of their numbers."""

import pytest

from common.evidence.figures import Series, bar_chart, data_hash, line_chart


def test_the_data_hash_sees_data_and_not_the_last_bits():
    assert data_hash({"a": [0.1 + 0.2, 1]}) == data_hash({"a": (0.3, 1)})
    assert data_hash([0.3]) != data_hash([0.30001]) and data_hash([None]) == data_hash([float("nan")])


@pytest.mark.parametrize("chart", ["line", "bar"])
def test_charts_show_intervals_and_leave_out_what_is_unknown(chart):
    series = [Series("A", [0, 1], [5.0, 6.0], [4.0, None], [7.0, None]), Series("B", [0, 1], [5.0, 6.0])]
    if chart == "line":
        figure = line_chart(series, "x", "MAE (years)", "Title")
    else:
        figure = bar_chart(["0–9", "10–19"], series, "x", "MAE (years)", "Title")
    (axes,) = figure.axes
    assert (axes.get_ylabel(), axes.get_title()) == ("MAE (years)", "Title")
    assert [text.get_text() for text in figure.legends[0].get_texts()] == ["A", "B"]
    (bars,) = [c for c in axes.containers if type(c).__name__ == "ErrorbarContainer" and c.has_yerr]
    segments = bars[2][0].get_segments()
    assert [sorted(segment[:, 1]) for segment in segments if len(segment)] == [[4.0, 7.0]]
    sizes = [t.get_fontsize() for t in figure.findobj(lambda artist: hasattr(artist, "get_fontsize"))]
    assert min(sizes) >= 9


@pytest.mark.parametrize(("labels", "columns"), [(2, 2), (3, 3), (4, 2), (5, 3), (6, 3), (7, 3)])
def test_the_rows_of_a_legend_are_even(labels, columns):
    figure = line_chart([Series(str(n), [0, 1], [5.0, 6.0]) for n in range(labels)], "x", "y")
    assert figure.legends[0]._ncols == columns


def test_series_of_unequal_length_are_refused():
    with pytest.raises(ValueError, match="A: x, y and both ends"):
        Series("A", [1, 2], [1.0])
    with pytest.raises(ValueError, match="A: x, y and both ends"):
        Series("A", [1], [1.0], low=[0.5])

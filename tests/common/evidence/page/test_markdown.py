"""Pages in Markdown as HTML: tables with their heads, links from where they stand, no pictures."""

from common.evidence.page.markdown import page_html

PAGE = """\
<!-- Generated -->

# A title

Some *words* of [run `a`](runs/a.json) and
[others](../labels/b.json).

![a picture](a.png)

## Below

| What \\| who | MAE |
| --- | ---: |
| `x` < y | +1,201.2<br>[1, 2] |

- one
  more
- two

```
a < b
```
"""


def test_every_kind_of_block_is_understood():
    text = page_html(PAGE, "study")
    assert "A title" not in text and "picture" not in text and "Generated" not in text
    assert '<a href="study/runs/a.json">run a</a> and <a href="labels/b.json">others</a>.</p>' in text
    assert "<h5>Below</h5>" in text and "<ul><li>one more</li><li>two</li></ul>" in text
    assert '<th scope="col">What | who</th><th scope="col">MAE</th>' in text
    assert (
        '<th scope="row"><code>x</code> &lt; y</th><td class="n" data-v="1201.2">+1,201.2 [1, 2]</td>' in text
    )
    assert '<pre tabindex="0">a &lt; b</pre>' in text

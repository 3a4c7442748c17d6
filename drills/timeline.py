"""A recovery in time, as a picture: a bar for each stretch of it, drawn by a charting library in the page's own colours."""

import re
from collections.abc import Sequence

import pygal
from markupsafe import Markup
from pygal.style import Style

from drills.story import Stretch

WIDTH, ROW, AXIS = 900, 34, 46
HAIRLINE = 0.004
"""What is too short to see is drawn this wide, as a share of the whole; its label says how long it was."""
_SCRIPT = re.compile(r"<script.*?</script>", re.DOTALL)
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)

STYLE = Style(
    background="transparent",
    plot_background="transparent",
    foreground="var(--ink)",
    foreground_strong="var(--ink)",
    foreground_subtle="var(--faint)",
    guide_stroke_color="var(--line)",
    major_guide_stroke_color="var(--line)",
    colors=("transparent", "var(--acted)"),
    font_family="inherit",
    label_font_size=13,
    major_label_font_size=13,
    opacity="1",
    opacity_hover="1",
    transition="none",
)


def picture(stretches: Sequence[Stretch], name: str) -> Markup:
    """The stretches from the top down, as an SVG that needs no script and nothing from elsewhere; *name* tells it from others."""
    whole = max((one.ends for one in stretches), default=0) or 1.0
    chart = pygal.HorizontalStackedBar(
        style=STYLE,
        js=(),
        show_legend=False,
        width=WIDTH,
        height=AXIS + ROW * len(stretches),
        margin=4,
        spacing=10,
        disable_xml_declaration=True,
        value_formatter=lambda seconds: f"{seconds:g} s",
    )
    chart.uuid = name
    lowest_first = list(reversed(stretches))
    chart.x_labels = [f"{one.title} · {one.seconds:.2f} s" for one in lowest_first]
    chart.add("", [{"value": one.begins, "color": "transparent"} for one in lowest_first])
    chart.add("", [{"value": max(one.seconds, whole * HAIRLINE), "color": f"var(--{one.stage})"} for one in lowest_first])
    svg = _COMMENT.sub("", _SCRIPT.sub("", chart.render(is_unicode=True)))
    return Markup(svg.replace("<title>Pygal</title>", ""))  # noqa: S704 - pygal has escaped every label

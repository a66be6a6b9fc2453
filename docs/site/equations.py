"""Equations as MathML, which browsers set by themselves: no network, no script, no LaTeX."""

from docutils import nodes
from math_core import LatexToMathML
from sphinx.application import Sphinx
from sphinx.errors import ExtensionError
from sphinx.writers.html5 import HTML5Translator

CONVERTER = LatexToMathML(fancy_error=False)


def mathml(latex: str, block: bool) -> str:
    """Return an equation as MathML.

    Raises:
        ExtensionError: it is no LaTeX that can be converted.
    """
    try:
        return str(CONVERTER.convert_with_local_state(latex, displaystyle=block))
    except Exception as error:
        raise ExtensionError(f"no equation: {latex}: {error}") from error


def inline(writer: HTML5Translator, node: nodes.math) -> None:
    """Write an equation of a line of text."""
    writer.body.append(mathml(node.astext(), block=False))
    raise nodes.SkipNode


def displayed(writer: HTML5Translator, node: nodes.math_block) -> None:
    """Write an equation that stands by itself."""
    writer.body.append(f'<div class="equation">{mathml(node.astext(), block=True)}</div>\n')
    raise nodes.SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.add_html_math_renderer("mathml", inline_renderers=(inline, None), block_renderers=(displayed, None))
    app.config.html_math_renderer = "mathml"
    return {"parallel_read_safe": True, "parallel_write_safe": True}

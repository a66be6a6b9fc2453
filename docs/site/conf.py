"""The site that `make docs` builds: Sphinx reads the Markdown of docs/, and docstrings become the reference."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE)]

project = "routegame"
author = "The routegame authors"
project_copyright = author

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx.ext.linkcode",
    "contents",
    "equations",
    "names",
    "reference",
    "sources",
]
root_doc = "index"
exclude_patterns = ["site", "examples", "figures/captions.md"]
highlight_language = "none"  # indented blocks are shells and what they print; Python is fenced and says so
nitpicky = True

myst_enable_extensions = ["dollarmath"]
myst_dmath_allow_space = False  # dollars of money are no equations
myst_dmath_allow_digits = False
myst_heading_anchors = 3
myst_url_schemes = ["https", "source"]

autodoc_member_order = "bysource"
autodoc_mock_imports = ["litellm"]  # wants other versions than the project's
autodoc_typehints = "signature"
autodoc_type_aliases = {name: name for name in ("FloatArray", "IntArray", "Number")}
autodoc_preserve_defaults = True
maximum_signature_line_length = 88
python_use_unqualified_type_names = True
napoleon_use_ivar = True
napoleon_use_rtype = False
default_role = "py:obj"
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "routegame"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_copy_source = False
html_show_sphinx = False
html_show_search_summary = False  # it would be fetched, which browsers refuse to pages that are opened as files
html_theme_options = {"top_of_page_buttons": []}
pygments_style = "friendly"

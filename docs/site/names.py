"""Names in code that the reference has an entry of lead to it: in docstrings, and in the text of pages."""

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.domains.python import PythonDomain
from sphinx.environment import BuildEnvironment
from sphinx.util.nodes import make_refnode

LINKED = {"class", "exception", "function", "method", "property", "data"}


def entry(domain: PythonDomain, name: str) -> str | None:
    """Return the full name of the only entry that a name, or the end of one, stands for; None if it is not one."""
    ends = [full for full in domain.objects if full == name or full.endswith(f".{name}")]
    kept = [full for full in ends if not domain.objects[full].aliased and domain.objects[full].objtype in LINKED]
    shortest = min((full.count(".") for full in kept), default=0)
    nearest = [full for full in kept if full.count(".") == shortest]
    return nearest[0] if len(nearest) == 1 else None


def resolve(app: Sphinx, env: BuildEnvironment, node: addnodes.pending_xref, text: nodes.Element) -> nodes.Node | None:
    """Let a name in single quotes in a docstring, or in a signature, lead to its entry; if it has none it is code."""
    if node.get("refdomain") != "py" or node.get("reftype") not in ("obj", "class", "exc"):
        return None
    domain = env.get_domain("py")
    assert isinstance(domain, PythonDomain)
    name = entry(domain, node["reftarget"].lstrip("."))
    if name is None:
        return text
    found = domain.objects[name]
    return make_refnode(app.builder, node["refdoc"], found.docname, found.node_id, text, name)


def link_code(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Let code in the text of a page that is a public name lead to its entry, once in a paragraph."""
    domain = app.env.get_domain("py")
    assert isinstance(domain, PythonDomain)
    for literal in list(doctree.findall(nodes.literal)):
        name = literal.astext().removesuffix("()")
        if isinstance(literal.parent, nodes.reference | nodes.title) or not name.replace(".", "").isidentifier():
            continue
        full = entry(domain, name)
        if full is None or not (name[0].isupper() or "_" in name or "." in name or full.count(".") == 1):
            continue
        found = domain.objects[full]
        if found.objtype in ("method", "property") and "." not in name:
            continue
        link = make_refnode(app.builder, docname, found.docname, found.node_id, literal.deepcopy(), full)
        literal.parent.replace(literal, link)


def whole_sentence(
    app: Sphinx, what: str, name: str, found: object, options: object, lines: list[str]
) -> None:  # the signature of Sphinx's event
    """Keep the first line of an attribute's docstring whole; napoleon takes what stands before a colon for a type."""
    if what in ("attribute", "data", "property"):
        lines.insert(0, "")


def setup(app: Sphinx) -> dict[str, bool]:
    """Tell Sphinx."""
    app.connect("autodoc-process-docstring", whole_sentence, priority=400)
    app.connect("missing-reference", resolve)
    app.connect("doctree-resolved", link_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

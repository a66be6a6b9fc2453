"""Tables of Markdown, read again."""


def tables_in(text):
    """The tables of a page, each a list of rows of cells: the head first, then the rule below it."""
    found = []
    for before, line in zip(["", *text.splitlines()], text.splitlines(), strict=False):
        if line.startswith("|"):
            if not before.startswith("|"):
                found.append([])
            found[-1].append([cell.strip() for cell in line.strip("|").split("|")])
    return found

"""Which commitment was in force, by the tags of requests: `arm0=1:0.05`, or a file that has it in full."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from routegame.calibrate.gateway.desk import Desk
from routegame.calibrate.log.layout import Layout, LogError
from routegame.envs.checks import ParameterError, as_single
from routegame.envs.document import checked, read_document
from routegame.envs.policy import Policy

ANY_OTHER = "*"
"""A tag that stands for requests with none of the others."""

OWN = re.compile(r"routegame:(route|s)=([0-9.e-]+)")
"""Tags that `routegame.gateway` writes itself, so that they need no explanation."""

MOST_TAGS = 10_000
"""Different lists of tags that are told apart."""

TOOLS = "User-Agent:"
"""What tags begin with that litellm's proxy adds by itself."""


@dataclass(frozen=True)
class TaggedCommitment:
    """A commitment of two models that a tag stands for.

    Attributes:
        route: model of the first pass, 1 or 2; None where it is drawn, or where there are more models.
        cascade_prob: share of the retries on model 1 that are handed over; None likewise.
        policy: all of it, where it was given by a file.
    """

    route: int | None
    cascade_prob: float | None
    policy: Policy | None = None

    def in_full(self) -> Policy:
        """The commitment as a policy of two models, or what its file has."""
        if self.policy is not None:
            return self.policy
        assert self.route is not None and self.cascade_prob is not None
        s = self.cascade_prob
        return Policy(np.eye(2)[self.route - 1], np.array([[1 - s, s], [0.0, 1.0]]))


def tagged(specs: Sequence[str]) -> dict[str, TaggedCommitment]:
    """Read specifications TAG=ROUTE, TAG=ROUTE:S and TAG=FILE.json.

    Raises:
        ParameterError: of none of these forms, one tag twice, a share outside [0, 1], or no commitment in the file.

    >>> tagged(["arm0=1:0.05", "arm3=2"])["arm0"]
    TaggedCommitment(route=1, cascade_prob=0.05, policy=None)
    """
    found: dict[str, TaggedCommitment] = {}
    for spec in specs:
        tag, equals, what = spec.rpartition("=")
        if not equals or not tag or not what:
            raise ParameterError("commitment", "TAG=ROUTE, TAG=ROUTE:S or TAG=FILE.json", spec)
        if tag in found:
            raise ParameterError("commitment", "one for each tag", f"two for {tag}")
        found[tag] = _read(what)
    return found


def _read(what: str) -> TaggedCommitment:
    match = re.fullmatch(r"([12])(?::(.+))?", what)
    if match:
        try:
            share = float(match[2] or 0)
        except ValueError:
            raise ParameterError("commitment", "TAG=ROUTE:S with S in [0, 1]", what) from None
        return TaggedCommitment(int(match[1]), as_single("cascade_prob", share, 0, 1))
    allowed = 'a JSON file of a commitment, {"start": [K numbers], "matrix": [[K x K]]}, or ROUTE:S with ROUTE 1 or 2'
    with checked(Path(what), allowed):
        policy = Policy.read(read_document(Path(what), allowed))
    start, matrix = np.asarray(policy.start), np.asarray(policy.matrix)
    if start.shape == (2,) and max(start) == 1 and matrix[1, 1] == 1:
        return TaggedCommitment(int(np.argmax(start)) + 1, float(matrix[0, 1]), policy)
    return TaggedCommitment(None, None, policy)


def commitment_of(tags: Sequence[str], known: Mapping[str, TaggedCommitment]) -> tuple[str, TaggedCommitment | None]:
    """Return the name of the commitment that a request's tags speak of, and the commitment; "" and None if of none.

    Raises:
        LogError: they speak of two.
    """
    named = sorted({tag for tag in tags if tag in known})
    if len(named) > 1:
        raise LogError(f"a request has tags of two commitments, {' and '.join(named)}: one at most is in force")
    if named:
        return named[0], known[named[0]]
    own = {match[1]: match[2] for tag in tags if (match := OWN.fullmatch(tag))}
    if own.get("route") in ("1", "2"):
        share = float(own.get("s", "0"))
        if 0 <= share <= 1:
            return f"route {own['route']}, s {share:g}", TaggedCommitment(int(own["route"]), share)
    return (ANY_OTHER, known[ANY_OTHER]) if ANY_OTHER in known else ("", None)


def name_commitments(
    desk: Desk, layout: Layout, known: Mapping[str, TaggedCommitment]
) -> tuple[bool, dict[str, Policy]]:
    """Say which commitment each list of tags speaks of: the table `tagging`.

    Args:
        desk: with `calls`.
        layout: names of the models, and whether their order is free.
        known: commitments by their tags.

    Returns:
        Whether tags speak of any, and those that they speak of in full where the order of models is free.

    Raises:
        LogError: nobody explained the tags, or one request speaks of two commitments.
    """
    lists = desk.database.execute(
        f"SELECT tags, count(DISTINCT trace) FROM calls GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_TAGS + 1}"
    ).fetchall()
    if len(lists) > MOST_TAGS:
        raise LogError(f"{desk.log} has more than {MOST_TAGS:,} different lists of request_tags")
    desk.database.execute("CREATE TABLE tagging (tags VARCHAR, tag VARCHAR, route VARCHAR, share DOUBLE)")
    stated: dict[str, Policy] = {}
    strange: dict[str, int] = {}
    seen: set[str] = set()
    for listed, count in lists:
        try:
            tags = [tag for tag in json.loads(listed) if isinstance(tag, str) and not tag.startswith(TOOLS)]
        except (ValueError, TypeError):
            tags = []
        name, commitment = commitment_of(tags, known)
        if commitment is None:
            strange[", ".join(tags) or "no tag"] = strange.get(", ".join(tags) or "no tag", 0) + count
        else:
            seen.add(name)
            if not layout.free and commitment.route is None:
                raise LogError(f"--commitment {name} is of models in any order: say --order free")
            if layout.free:
                stated[name] = known[name].in_full() if name in known else commitment.in_full()
        route = None if commitment is None or commitment.route is None else layout.models[commitment.route - 1]
        share = None if commitment is None else commitment.cascade_prob
        desk.database.execute(
            "INSERT INTO tagging VALUES (?, ?, ?, ?)", [listed, name if commitment else None, route, share]
        )
    if not seen and len(strange) > 1:
        named = ", ".join(f"{tags} ({count:,})" for tags, count in list(strange.items())[:5])
        raise LogError(
            f"{desk.log} has request_tags that nobody explained: {named}; say which commitment each"
            f" stands for, as in --commitment {next(iter(strange))}=1:0.05 (model 1 first, 5 % of retries handed"
            f" over) or TAG=2, or --commitment '{ANY_OTHER}=1:0.05' for all others"
        )
    unused = [tag for tag in known if tag not in seen and tag != ANY_OTHER]
    if unused:
        desk.remarks.append(f"No request has the tag {', '.join(unused)}, which --commitment explains.")
    if seen and strange:
        named = ", ".join(f"{tags} ({count:,})" for tags, count in list(strange.items())[:3])
        where = desk.first_lines("SELECT place FROM calls JOIN tagging USING (tags) WHERE tag IS NULL")
        desk.remarks.append(f"Tags that nobody explained: {named}; tasks under them are left out: {where}.")
    return bool(seen), stated if layout.free else {}

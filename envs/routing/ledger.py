"""Accounts of an episode of `routing_v0` so far: money, time and endings, for scenes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from routegame.envs.render.scene import OVER, Scene, UserScene
from routegame.envs.routing.user import ABANDONED, User


class Account:
    """Time and utility of a user: of its task, `clock`, and of the episode, `waited` and `utility`."""

    def __init__(self) -> None:
        self.clock = self.waited = self.utility = 0.0
        self.model = 0
        self.handed_over = False


class Ledger:
    """Counts an episode round by round.

    Args:
        users: in the order of their indices.
        num_tasks: that each of them has.
        committed: whether the provider commits.
        models: names of the models.
        units: of latency and of cost.

    Attributes:
        scene: what there is to see after the last round.
    """

    def __init__(
        self, users: Sequence[User], num_tasks: int, committed: bool, models: tuple[str, ...], units: tuple[str, str]
    ) -> None:
        self._users, self._num_tasks, self._committed = users, num_tasks, committed
        self._models, self._units = models, units
        self._accounts = [Account() for _ in users]
        self._compute = self._churn = 0.0
        self._endings = dict.fromkeys(OVER, 0)
        self._round = 0
        self.scene = self._scene(users)

    def record(
        self,
        rewards: Mapping[str, float],
        infos: Mapping[str, Mapping[str, Any]],
        compute: float,
        churn: float,
        playing: Sequence[User],
    ) -> None:
        """Enter a round.

        Args:
            rewards: of all who played.
            infos: of all who played.
            compute: what the round's passes cost the provider.
            churn: what its abandonments cost the provider.
            playing: users who play on.
        """
        self._round += 1
        self._compute, self._churn = self._compute + compute, self._churn + churn
        for user, account in zip(self._users, self._accounts, strict=True):
            account.handed_over = False
            if user.name not in rewards:
                continue
            info = infos[user.name]
            if not info["passes"] and not info["abandoned"]:  # it was offered a task
                continue
            latency = info["latency"]
            goes_on = user.passes > 1 or (user.passes == 1 and user.status == ABANDONED)
            account.clock = latency + (account.clock if goes_on else 0.0)
            account.waited += latency
            account.utility += rewards[user.name]
            account.handed_over = user.passes > 1 and account.model != user.model
            account.model = user.model
            if user.status in OVER:
                self._endings[user.status] += 1
        self.scene = self._scene(playing)

    def _scene(self, playing: Sequence[User]) -> Scene:
        rule, contract = self._users[0].commitment, self._users[0].kind.contract
        solved, abandoned, cut_off = self._endings.values()
        return Scene(
            round=self._round,
            route=getattr(rule, "route", None),
            cascade_prob=getattr(rule, "cascade_prob", None),
            menu=contract.HANDS_BACK,
            policy=contract.policy(rule) if rule is not None and contract.HANDS_BACK else None,
            committed=self._committed,
            compute=self._compute,
            churn=self._churn,
            tally=(solved, abandoned, cut_off),
            users=tuple(
                UserScene(
                    game=user.kind.in_force(user.commitment),
                    status=user.status,
                    model=user.model,
                    handed_over=account.handed_over,
                    passes=user.passes,
                    task=max(user.task, 1),
                    num_tasks=self._num_tasks,
                    clock=account.clock,
                    waited=account.waited,
                    utility=account.utility,
                    finished=user not in playing,
                )
                for user, account in zip(self._users, self._accounts, strict=True)
            ),
            models=self._models,
            units=self._units,
        )

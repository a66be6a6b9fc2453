"""`routing_v0` for TorchRL: one environment through its own wrapper of PettingZoo, or many in arrays.

TorchRL acts for agents whose episode is over, makes tensors of infos, and ends an episode with its first agent unless
it is told otherwise; here all users play to their end. In each group `mask` says who is playing.

Example:
    env = torchrl_env("nano-gpt5", num_users=8, seed=0)
    played = env.rollout(200)  # played["users", "observation"], played["next", "provider", "reward"], …
    many = RoutingVecEnv("nano-gpt5", num_envs=256, num_users=8, seed=0)
"""

from __future__ import annotations

from typing import Any

import torch
from gymnasium.spaces import Discrete
from tensordict import TensorDict, TensorDictBase
from torchrl.data import Bounded, Categorical, Composite, TensorSpec, Unbounded
from torchrl.envs import EnvBase, PettingZooWrapper

from routegame.envs.adapters.normalized import Normalized
from routegame.envs.arrays import BoolArray
from routegame.envs.episode_batch import EpisodeBatch
from routegame.envs.routing.rounds import ABANDON, PROVIDER
from routegame.envs.routing_v0 import RoutingEnv
from routegame.envs.scenarios import GameLike
from routegame.envs.tasks_like import TasksLike

Named = dict[str | tuple[str, str], object]
"""Arrays or tensors by where they stand."""

USERS = "users"
"""The group of all users; that of the provider alone is `provider`."""


def torchrl_env(
    game: TasksLike = "nano-gpt5",
    *,
    seed: int | None = None,
    return_state: bool = False,
    device: torch.device | str | None = None,
    **options: Any,
) -> PettingZooWrapper:
    """Make one environment, with a group of one, `provider`, and one of all users, `users`.

    Observations are in [0, 1] and rewards of the size of 1, see `Normalized`; there are no infos.

    Args:
        game: see `routing_v0`.
        seed: of chance; None for another one each time.
        return_state: whether tensors have the `state`, for critics that see everything.
        device: that tensors are on.
        options: as for `routing_v0`; a `grid` needs `flat=True`.
    """
    routing = RoutingEnv(game, ignore_ended=True, **options)
    return PettingZooWrapper(
        Normalized(routing, infos=False),
        return_state=return_state,
        group_map={PROVIDER: [PROVIDER], USERS: routing.possible_agents[1:]},
        use_mask=True,
        done_on_any=False,
        categorical_actions=True,
        seed=seed,
        device=device,
    )


class RoutingVecEnv(EnvBase):
    """Many environments in one, in arrays: what collectors take that want a batch size.

    Groups, specs and scales are those of `torchrl_env`. Users whose task is over see zeros and are paid nothing until
    their environment is reset. `state` is what everyone sees, one after the other.

    Args:
        game: a single game, or the name of one.
        num_envs: how many.
        seed: of chance; by default drawn by torch.
        device: that tensors are on.
        options: as for `EpisodeBatch`.
    """

    def __init__(
        self,
        game: GameLike = "nano-gpt5",
        *,
        num_envs: int,
        seed: int | None = None,
        device: torch.device | str | None = None,
        **options: Any,
    ) -> None:
        super().__init__(device=device, batch_size=torch.Size([num_envs]))
        drawn = int(torch.randint(2**31, ())) if seed is None else seed
        self._episodes = EpisodeBatch(game, num_envs, seed=drawn, **options)
        routing = RoutingEnv(game, **{name: value for name, value in options.items() if name != "grid"})
        self._scale = Normalized(routing)
        self.group_map = {PROVIDER: [PROVIDER], USERS: routing.possible_agents[1:]}
        offers, size = self._episodes.spaces.actions[PROVIDER], self._episodes.spaces.offer_size
        one, many = (1,), (len(self.group_map[USERS]),)
        wide = self._episodes.users_seen.shape[2]
        picks = (
            Categorical(int(offers.n), shape=one) if isinstance(offers, Discrete) else Bounded(0, 1, shape=(1, size))
        )
        self.full_action_spec_unbatched = Composite(
            {
                PROVIDER: Composite({"action": picks}, shape=one),
                USERS: Composite({"action": Categorical(2, shape=many)}, shape=many),
            }
        )
        self.full_observation_spec_unbatched = Composite(
            {
                PROVIDER: Composite(_seen(2, one), shape=one),
                USERS: Composite(_seen(wide, many), shape=many),
                "state": Bounded(0, 1, shape=(2 + many[0] * wide,)),
            }
        )
        self.full_reward_spec_unbatched = Composite(
            {
                group: Composite({"reward": Unbounded(shape=(*shape, 1))}, shape=shape)
                for group, shape in ((PROVIDER, one), (USERS, many))
            }
        )
        self.full_done_spec_unbatched = Composite(
            {
                PROVIDER: Composite(_endings(one), shape=one),
                USERS: Composite(_endings(many), shape=many),
                **_endings(()),
            }
        )

    @property
    def passes(self) -> int:
        """How many passes have been played in all."""
        return self._episodes.passes

    @property
    def max_passes(self) -> int:
        """How often a task can fail before it is cut off."""
        return self._episodes.max_passes

    def _set_seed(self, seed: int | None) -> None:
        if seed is not None:
            self._episodes.reset(seed)

    def _reset(self, tensordict: TensorDictBase | None = None, **kwargs: object) -> TensorDictBase:
        chosen = None if tensordict is None else tensordict.get("_reset", None)
        rows = torch.ones(self.batch_size, dtype=torch.bool) if chosen is None else chosen.reshape(-1).cpu()
        self._episodes.restart(rows.numpy())
        return self._tensors(self._seen() | self._endings())

    def _step(self, tensordict: TensorDictBase) -> TensorDictBase:
        offers = tensordict[PROVIDER, "action"][:, 0].cpu().numpy()
        leaves = tensordict[USERS, "action"].cpu().numpy() == ABANDON
        episodes, units = self._episodes, self._scale.units
        episodes.step(offers, leaves)
        paid = {
            (PROVIDER, "reward"): episodes.provider_reward[:, None, None] / units[PROVIDER],
            (USERS, "reward"): episodes.user_reward[:, :, None] / units["user_0"],
        }
        return self._tensors(self._seen() | paid | self._endings())

    def _seen(self) -> Named:
        episodes = self._episodes
        offered, answering = episodes.provider_seen[:, None], self._scale.seen_as("user_0", episodes.users_seen)
        state = torch.cat([torch.as_tensor(part).flatten(1) for part in (offered, answering)], dim=1)
        return {
            (PROVIDER, "observation"): offered,
            (USERS, "observation"): answering,
            (PROVIDER, "mask"): ~episodes.over[:, None],
            (USERS, "mask"): episodes.playing,
            "state": state,
        }

    def _endings(self) -> Named:
        episodes = self._episodes
        over, decided = episodes.over[:, None], (episodes.over & episodes.decided)[:, None]
        ended: dict[str, tuple[BoolArray, BoolArray]] = {
            PROVIDER: (over, decided),
            USERS: (~episodes.playing, episodes.solved_or_left),
        }
        endings: Named = {}
        for group, (done, terminated) in ended.items():
            flags = {"done": done, "terminated": terminated, "truncated": done & ~terminated}
            endings |= {(group, name): flag[:, :, None] for name, flag in flags.items()}
        return endings | {"done": over, "terminated": decided, "truncated": over & ~decided}

    def _tensors(self, arrays: Named) -> TensorDict:
        made = TensorDict({}, batch_size=self.batch_size, device=self.device)
        for group, agents in self.group_map.items():
            made[group] = TensorDict({}, batch_size=(*self.batch_size, len(agents)), device=self.device)
        for name, array in arrays.items():
            made[name] = torch.tensor(array) if not isinstance(array, torch.Tensor) else array
        return made


def _seen(width: int, shape: tuple[int, ...]) -> dict[str, TensorSpec]:
    return {"observation": Bounded(0, 1, shape=(*shape, width)), "mask": Categorical(2, shape=shape, dtype=torch.bool)}


def _endings(shape: tuple[int, ...]) -> dict[str, TensorSpec]:
    return {name: Categorical(2, shape=(*shape, 1), dtype=torch.bool) for name in ("done", "terminated", "truncated")}

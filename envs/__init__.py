"""The game and the worlds made of it: parameters, closed forms, sampled passes, PettingZoo environments."""

from typing import TYPE_CHECKING

from routegame.lazy_exports import lazy

if TYPE_CHECKING:
    from routegame.envs import routing_v0
    from routegame.envs.chain import outcome
    from routegame.envs.classic.bayesian_game import BayesianGame
    from routegame.envs.classic.crowd_game import CrowdGame
    from routegame.envs.classic.duopoly import Duopoly
    from routegame.envs.classic.matrix_game import MatrixGame
    from routegame.envs.commitment import Commitment, CommitmentBox, RoutingGame
    from routegame.envs.episode_batch import EpisodeBatch
    from routegame.envs.menu_game import MenuCommitment, MenuGame
    from routegame.envs.mix_game import MixCommitment, MixGame
    from routegame.envs.policy import Policy
    from routegame.envs.policy_table import PolicyTable
    from routegame.envs.sampling.drawn_contexts import draw_contexts
    from routegame.envs.sampling.task_batch import TaskBatch
    from routegame.envs.sampling.whole_tasks import draw_tasks
    from routegame.envs.sb3_vec_env import Sb3VecEnv
    from routegame.envs.single_agent import FollowerEnv, LeaderEnv
    from routegame.envs.stackelberg import StackelbergGame
    from routegame.envs.task_mix import TaskMix
    from routegame.envs.vector_env import FollowerVectorEnv, LeaderVectorEnv

__all__ = [
    "BayesianGame",
    "Commitment",
    "CommitmentBox",
    "CrowdGame",
    "Duopoly",
    "EpisodeBatch",
    "FollowerEnv",
    "FollowerVectorEnv",
    "LeaderEnv",
    "LeaderVectorEnv",
    "MatrixGame",
    "MenuCommitment",
    "MenuGame",
    "MixCommitment",
    "MixGame",
    "Policy",
    "PolicyTable",
    "RoutingGame",
    "Sb3VecEnv",
    "StackelbergGame",
    "TaskBatch",
    "TaskMix",
    "draw_contexts",
    "draw_tasks",
    "outcome",
    "routing_v0",
]

__getattr__, __dir__ = lazy(
    __name__,
    {
        "BayesianGame": "routegame.envs.classic.bayesian_game",
        "CrowdGame": "routegame.envs.classic.crowd_game",
        "Commitment": "routegame.envs.commitment",
        "CommitmentBox": "routegame.envs.commitment",
        "RoutingGame": "routegame.envs.commitment",
        "Duopoly": "routegame.envs.classic.duopoly",
        "EpisodeBatch": "routegame.envs.episode_batch",
        "FollowerEnv": "routegame.envs.single_agent",
        "FollowerVectorEnv": "routegame.envs.vector_env",
        "LeaderEnv": "routegame.envs.single_agent",
        "LeaderVectorEnv": "routegame.envs.vector_env",
        "MatrixGame": "routegame.envs.classic.matrix_game",
        "MenuCommitment": "routegame.envs.menu_game",
        "MenuGame": "routegame.envs.menu_game",
        "MixCommitment": "routegame.envs.mix_game",
        "MixGame": "routegame.envs.mix_game",
        "Policy": "routegame.envs.policy",
        "PolicyTable": "routegame.envs.policy_table",
        "Sb3VecEnv": "routegame.envs.sb3_vec_env",
        "StackelbergGame": "routegame.envs.stackelberg",
        "TaskBatch": "routegame.envs.sampling.task_batch",
        "TaskMix": "routegame.envs.task_mix",
        "draw_contexts": "routegame.envs.sampling.drawn_contexts",
        "draw_tasks": "routegame.envs.sampling.whole_tasks",
        "outcome": "routegame.envs.chain",
        "routing_v0": "routegame.envs.routing_v0",
    },
)

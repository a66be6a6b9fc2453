"""What stands in a running gateway: a log of turns, the application's feedback, and a commitment that is enacted.

Nothing here imports a gateway but the module that is named after it, such as `routegame.gateway.litellm`.
"""

from typing import TYPE_CHECKING

from routegame.lazy_exports import lazy

if TYPE_CHECKING:
    from routegame.gateway.enactment import Enactment
    from routegame.gateway.feedback import Feedback

__all__ = ["Enactment", "Feedback"]

__getattr__, __dir__ = lazy(
    __name__, {"Enactment": "routegame.gateway.enactment", "Feedback": "routegame.gateway.feedback"}
)

"""litellm asks the network for prices as it is imported; here it does not."""

import os

os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

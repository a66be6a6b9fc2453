"""Games with any number of models: the price of going on, and what to commit to with the order free or fixed."""

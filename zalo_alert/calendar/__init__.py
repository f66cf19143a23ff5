"""A month of articles: which appears when and on whose pages, and what has become of each. Asks nothing of Zalo."""

"""One folder a paper, each reading top to bottom like the paper."""

"""Where figures come from: real data, the compressed thing and its reference in one run."""

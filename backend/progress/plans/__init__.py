"""A learner's own dated plan: what is to be done by when, and what became of it."""

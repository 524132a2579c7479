"""Pages: the learner's labs and submissions, and what staff do with results."""

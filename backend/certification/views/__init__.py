"""Pages of learners, of reviewers, and the one that everybody may see."""

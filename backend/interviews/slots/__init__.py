"""Live interviews: times that reviewers offer and learners book."""

"""The grader: builds, runs and judges lab submissions against the pinned llama.cpp.

Never imports Django or `backend`: a grading machine has no database.
"""

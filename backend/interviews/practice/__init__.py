"""Practice with open questions, repeated at growing intervals."""

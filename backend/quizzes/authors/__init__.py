"""What authors see and do: how questions measure, and scoring again when a key was wrong."""

"""Mock interviews: a script, a clock of the server, and two scores."""

"""Search over everything published: an index that loading the content rebuilds, and the page that asks it."""

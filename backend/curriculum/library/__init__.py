"""The library beside the modules: glossary, papers, projects, references and setup guides."""

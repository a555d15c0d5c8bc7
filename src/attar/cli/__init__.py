"""The commands, one file each; `main` finds them by name and loads only the one that runs."""

"""In: files of people, opened safely, read into rows, previewed, and applied by the actions."""

"""Charts as SVG in the page, coloured by its style sheet, each with its numbers in a table beside it."""

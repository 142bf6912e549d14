"""From a published number back to its components, the rows they count, and the lines of the exports."""

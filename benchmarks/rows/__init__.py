"""The rows of the table of limits, each a function that measures and says what is to be reached."""

"""What can be wrong with an expression, where, and the sentence for it."""

from collections.abc import Mapping

from metrics.engine.translation import N_

MESSAGES: Mapping[str, str] = {
    # limits
    "empty": N_("The expression is empty."),
    "too_long": N_("The expression has %(length)d characters; %(limit)d are allowed."),
    "too_deep": N_("Parentheses, functions and signs are nested more than %(limit)d deep here."),
    "too_many_parts": N_("The expression has more than %(limit)d parts."),
    # characters
    "unexpected_character": N_("The character %(character)s has no meaning here."),
    "similar_character": N_("Write %(suggestion)s in place of %(character)s."),
    "control_character": N_("A text or name may not hold line breaks or other control characters."),
    "unclosed_text": N_("The text that begins here has no closing quotation mark."),
    "unclosed_name": N_("The name that begins here has no closing back-quote."),
    "empty_name": N_("There is no name between the back-quotes."),
    "bad_number": N_("%(text)s is not a number. Write digits with one decimal point, as in 1234.5."),
    "number_too_long": N_("The number has more than %(limit)d digits."),
    # grammar
    "value_needed": N_("A value, a name or a function is needed here, not %(found)s."),
    "value_needed_at_end": N_("The expression breaks off: a value, a name or a function is missing at the end."),
    "unexpected_part": N_("%(found)s does not fit here: an operator or a comma is missing before it."),
    "unclosed_parenthesis": N_("The parenthesis that opens here is not closed."),
    "unopened_parenthesis": N_("This parenthesis closes nothing."),
    "chained_comparison": N_("Only two values can be compared at a time: join comparisons with and."),
    "list_needed": N_("A list in parentheses is needed after in, as in: in (1, 2)."),
    # names and types
    "unknown_name": N_("There is nothing named %(name)s here. If it is a text, put it in quotation marks."),
    "unknown_name_suggestion": N_("There is nothing named %(name)s here. Did you mean %(suggestion)s?"),
    "unknown_function": N_("There is no function %(name)s."),
    "unknown_function_suggestion": N_("There is no function %(name)s. Did you mean %(suggestion)s?"),
    "circular_name": N_("%(name)s is computed from itself."),
    "too_few_arguments": N_("Values that %(function)s needs: at least %(limit)d. Found: %(found)d."),
    "too_many_arguments": N_("Values that %(function)s takes: at most %(limit)d. Found: %(found)d."),
    "number_needed": N_("A number is needed here."),
    "text_needed": N_("A text is needed here."),
    "condition_needed": N_("A condition is needed here, as in: quantity > 0."),
    "value_not_condition": N_("A number or a text is needed here, not a condition."),
    "same_type_needed": N_("This must be of the same kind (number, text or condition) as the value before it."),
    "round_digits": N_("The decimal places of round are written as a whole number from %(low)d to %(high)d."),
}


class ExpressionError(Exception):
    """An expression cannot be used: `MESSAGES[code] % params` says why.

    `start` and `end` are the half-open range of characters (Unicode code points) of the source that is at fault;
    they are equal where something is missing, as at the end.
    """

    def __init__(self, code: str, params: Mapping[str, str | int], start: int, end: int) -> None:
        super().__init__(MESSAGES[code] % params)
        self.code = code
        self.params = dict(params)
        self.start = start
        self.end = end

    @property
    def position(self) -> int:
        """The place for people: the first character is number 1."""
        return self.start + 1

    @property
    def length(self) -> int:
        return self.end - self.start

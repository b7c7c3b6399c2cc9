"""What a message says about itself, read purely from its words (Chinese, English, Japanese).

Each question is answered "no" when unsure: a wrong "no" leaves a message where people will see
it, a wrong "yes" tears a conversation apart. Only the beginning of a text is weighed, so a text
of hostile length costs no more than a long one.
"""

from .escalation import ESCALATION_EXCEPTIONS, ESCALATION_WORDS, words_said
from .folding import NUMBER, without_numbers
from .machines import machine_made
from .numbers import withdrawn_numbers
from .people import says_somebody_elses
from .politeness import is_courtesy, is_opener
from .problems import announces_another_problem, carries_another_problem, starts_new_problem
from .sources import declared_source
from .thefts import says_account_is_stolen
from .topics import codes_in, topics_of

__all__ = [
    "ESCALATION_EXCEPTIONS",
    "ESCALATION_WORDS",
    "NUMBER",
    "announces_another_problem",
    "carries_another_problem",
    "codes_in",
    "declared_source",
    "is_courtesy",
    "is_opener",
    "machine_made",
    "says_account_is_stolen",
    "says_somebody_elses",
    "starts_new_problem",
    "topics_of",
    "withdrawn_numbers",
    "without_numbers",
    "words_said",
]

"""Why an action was not done: a code that the screen puts into words."""


class Refused(Exception):
    """The action does not fit the present state; nothing was changed. `code` says why."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data

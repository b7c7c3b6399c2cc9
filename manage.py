#!/usr/bin/env python
"""Run one of the desk's commands; `manage.py up` runs the whole desk."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = next(iter(sys.argv[1:]), "")
    if command == "up":
        os.environ.setdefault("DEMO", "1")
    try:
        from django.core.management import execute_from_command_line

        from config.embedded.session import servers_for
    except ImportError as error:
        sys.exit(
            f"anhao: {error.name} is not installed here. Run make install, then .venv/bin/python."
        )
    with servers_for(command):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

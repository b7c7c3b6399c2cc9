"""Look up the locked packages among the known vulnerabilities, where that can be done.

A vulnerability fails the build; a machine without a way to the advisories only says so.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
TIME_LIMIT = 120


def main() -> int:
    """Return the exit status: 1 for a package with a known vulnerability."""
    command = [sys.executable, "-m", "pip_audit", "--progress-spinner=off", "--timeout=5"]
    command += ["--format=json", "--disable-pip", "--require-hashes"]
    command += [f"--requirement={HERE / 'runtime.txt'}"]
    try:
        asked = subprocess.run(
            command, capture_output=True, text=True, timeout=TIME_LIMIT, check=False
        )
        packages = json.loads(asked.stdout)["dependencies"]
    except subprocess.TimeoutExpired:
        return could_not("no answer in time")
    except ValueError:
        return could_not((asked.stderr.strip().splitlines() or ["no reason given"])[-1])
    # A package that the source of advisories does not know is skipped, which proves nothing.
    audited = [package for package in packages if "skip_reason" not in package]
    if not audited:
        return could_not("the source of advisories knows none of the packages")
    return tell(audited, len(packages))


def tell(audited: list[dict[str, Any]], total: int) -> int:
    """Print what was found; return the exit status."""
    bad = [package for package in audited if package["vulns"]]
    for package in bad:
        names = ", ".join(found["id"] for found in package["vulns"])
        print(f"audit: {package['name']} {package['version']}: {names}")
    print(f"audit: {len(audited)} of {total} packages looked up, {len(bad)} vulnerable")
    return 1 if bad else 0


def could_not(reason: str) -> int:
    print(f"audit: could not be done on this machine ({reason[:200]})")
    return 0


if __name__ == "__main__":
    sys.exit(main())

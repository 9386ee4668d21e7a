"""Downloads data of NLTK: ``download_script.py DIRECTORY NAME…``.

The application's own interpreter runs this script. It works like ``python -m nltk.downloader``, with two differences:
it fails if a download fails, and it extracts zip archives, because NLTK makes these readable only by their owner, who
is not the user of a container.
"""

from __future__ import annotations

import inspect
import os
import sys


def main() -> None:
    """Download every package, and exit with a message if one fails."""
    from nltk.downloader import Downloader  # type: ignore[import-not-found,unused-ignore]

    directory, *names = sys.argv[1:]
    downloader = Downloader(server_index_url=os.environ.get("NLTK_DOWNLOAD_URL"))
    # NLTK before 3.10 has no such argument, and leaves archives readable.
    extracting = "extract" in inspect.signature(downloader.download).parameters
    for name in names:
        if not downloader.download(name, download_dir=directory, **({"extract": True} if extracting else {})):
            sys.exit(f"The data {name} could not be downloaded.")


if __name__ == "__main__":
    main()

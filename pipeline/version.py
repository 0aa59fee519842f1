"""The version that rows and the User-Agent carry."""

import importlib.metadata

try:
    VERSION = importlib.metadata.version("sahelwatch")
except importlib.metadata.PackageNotFoundError:  # a checkout that was not installed
    VERSION = "0+unknown"

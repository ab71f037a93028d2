"""`python3 -m unittest discover benches`: what of the comparison needs no peer."""
import importlib.metadata
import unittest
from unittest import mock

import peers


def installed(*libraries):
    def version(name):
        if name not in libraries:
            raise importlib.metadata.PackageNotFoundError(name)
        return "1.0"

    return mock.patch.object(importlib.metadata, "version", version)


class Versions(unittest.TestCase):
    def test_only_libraries_of_the_named_peers_are_asked(self):
        with installed("jax", "folx"):
            self.assertEqual(peers.versions(["jax-scan"]), {"jax": "1.0", "folx": "1.0"})

    def test_a_missing_library_is_said(self):
        with installed("jax", "folx"):
            self.assertEqual(peers.versions(["jax", "torch-loop"])["torch"], "not installed")


if __name__ == "__main__":
    unittest.main()

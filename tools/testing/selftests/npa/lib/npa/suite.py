# SPDX-License-Identifier: GPL-2.0
"""One scene for several tests: booting a guest costs more than most of them."""

import functools

from . import tap


class Suite:
    """Tests that share a scene, which the first one that runs opens.

    open_scene: a function that returns a context manager for the scene. One
    scene is open at a time: if the last test of a suite was not wanted, the
    first one of the next suite closes it.
    """

    _current = None

    def __init__(self, open_scene):
        self._open = open_scene
        self._manager = None
        self._scene = None
        self._error = None

    def scene(self):
        """The scene; opens it once, and fails at once if that failed."""
        if self._error:
            raise tap.Failure(f"the scene did not open: {self._error}")
        if self._scene is None:
            if Suite._current:
                Suite._current.close()
            self._manager = self._open()
            try:
                self._scene = self._manager.__enter__()
            except Exception as error:
                self._error = str(error).splitlines()[0]
                raise
            Suite._current = self
        return self._scene

    def test(self, function, **arguments):
        """A test of function(scene, **arguments) under the function's name."""
        @functools.wraps(function)
        def run():
            s = self.scene()
            try:
                function(s, **arguments)
            except Exception:
                tap.note(s.guest.tail())
                if s.npad:
                    tap.note("--- npad:\n" + s.npad.log()[-2000:])
                raise
        return run

    def main(self, *functions, limit=300):
        """Run the tests as tap.main() does; closes the scene at the end."""
        try:
            tap.main(*[self.test(f) for f in functions], limit=limit)
        finally:
            self.close()

    def last(self, test):
        """A test of this suite that closes the scene at its end."""
        @functools.wraps(test)
        def run():
            try:
                test()
            finally:
                self.close()
        return run

    def close(self):
        """Close the scene if it is open; the next test opens another."""
        if self._scene is not None:
            self._manager.__exit__(None, None, None)
            self._scene = Suite._current = None

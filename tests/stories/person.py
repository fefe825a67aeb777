"""Somebody at the window: finds things by what a screen reader would call them, clicks, types, draws and drops; every act counts.

One action is a click, a field entry, a key command, a drop or a signature (the brief's measure). The person waits after each act until
every job has come back, and a stall watch measures how long the window was deaf.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QPlainTextEdit, QWidget

from tests.stories.stall_watch import StallWatch
from tests.views.stage import type_text
from views.controls.choice_grid import ChoiceGrid
from views.controls.segments import Segments
from views.main_window import MainWindow

W = TypeVar("W", bound=QWidget)
PATIENCE_S = 60.0


class Person:
    """Drives one window."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.watch = StallWatch()
        self.actions = 0
        self.last = "start"

    # What is on the screen

    def visible(self, kind: type[W]) -> list[W]:
        """Every widget of a kind that can be seen, in the order in which it was made."""
        return [each for each in self.window.findChildren(kind) if each.isVisible() and each.window().isVisible()]

    def find(self, name: str, kind: type[W] = QWidget) -> W:  # type: ignore[assignment]
        """The one thing that is called so; the name in full, or its beginning when nothing is called exactly so."""
        seen = [each for each in self.visible(kind) if each.accessibleName()]
        exact = [each for each in seen if each.accessibleName() == name]
        found = exact or [each for each in seen if each.accessibleName().startswith(name)]
        assert found, f"nothing is called {name!r}; there is {sorted({each.accessibleName() for each in seen})}"
        return found[0]

    def can_see(self, text: str) -> bool:
        """Whether a text stands somewhere on the screen."""
        return any(text in each for each in self.texts())

    def texts(self) -> list[str]:
        """Everything a screen reader would say."""
        said: list[str] = []
        for each in self.visible(QWidget):
            said += [each.accessibleName(), each.accessibleDescription()]
            text = getattr(each, "full_text", None)
            said.append(text if isinstance(text, str) else "")
        return [each for each in said if each]

    # What a person does

    def click(self, name: str) -> None:
        """Click what is called so."""
        target = self.find(name)
        assert target.isEnabled(), f"{name!r} is off: {target.accessibleDescription()}"
        self._act(f"click {name}", lambda: QTest.mouseClick(target, Qt.MouseButton.LeftButton))

    def press(self, keys: str) -> None:
        """Press a key or a combination, where the focus is."""
        self.start(keys)
        self.wait()

    def start(self, keys: str) -> None:
        """Press a key or a combination, where the focus is, and do not wait for what it does."""
        combination = QKeySequence(keys)[0]
        target = QApplication.focusWidget() or self.window
        self.last = f"press {keys}"
        self.actions += 1
        with self.watch.measuring(self.last):
            QTest.keyClick(target, combination.key(), combination.keyboardModifiers())

    def fill(self, name: str, text: str) -> None:
        """Enter a text into the field that is called so: one field entry."""
        field = self.find(name)
        self.actions += 1
        self.last = f"fill {name}"
        if isinstance(field, QLineEdit | QPlainTextEdit):
            field.setFocus()
            field.selectAll()
            self._type(text, lambda: field)
            return

        def enter() -> None:
            field.setFocus()
            if isinstance(field, QComboBox):
                place = field.findText(text, Qt.MatchFlag.MatchStartsWith)
                assert place >= 0, [field.itemText(each) for each in range(field.count())]
                field.setCurrentIndex(place)
                field.activated.emit(place)
            else:
                type_text(field, text)

        with self.watch.measuring(self.last):
            enter()
        self.wait()

    def paste(self, name: str, text: str) -> None:
        """Paste a text into the field that is called so: one field entry."""
        field = self.find(name)
        QApplication.clipboard().setText(text)
        field.setFocus()
        self._act(f"paste {name}", lambda: QTest.keyClick(field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier))

    def choose(self, name: str, label: str) -> None:
        """Choose one of the choices that stand side by side in what is called so: one click."""
        row = self.find(name)
        assert isinstance(row, Segments | ChoiceGrid), f"{name!r} is a {type(row).__name__}"
        choices = row._choices if isinstance(row, ChoiceGrid) else row._segments
        value = next(each.value for each in choices if label in (each.label.zh, each.label.en))
        where = (row.choice_rect(value) if isinstance(row, ChoiceGrid) else row.segment_rect(value)).center()
        none = Qt.KeyboardModifier.NoModifier
        self._act(f"choose {name}: {label}", lambda: QTest.mouseClick(row, Qt.MouseButton.LeftButton, none, where))

    def type_here(self, text: str) -> None:
        """Type where the focus is, key by key: one field entry. The focus may move on while one types."""
        assert QApplication.focusWidget() is not None

        self.actions += 1
        self.last = f"type {text}"
        self._type(text, QApplication.focusWidget)

    def _type(self, text: str, where: Callable[[], QWidget | None]) -> None:
        """Press key after key; the window works between two of them, as it does for a person."""
        for piece in text:
            target = where()
            assert target is not None, f"the keyboard was lost at {piece!r}"
            with self.watch.measuring(self.last):
                type_text(target, piece)
            with self.watch.measuring(self.last):
                QCoreApplication.processEvents()
        self.wait()

    def drop(self, name: str, files: Sequence[Path]) -> None:
        """Drop files onto what is called so: one action, however many files."""
        target = self.find(name)
        while not target.acceptDrops() and target.parentWidget() is not None:
            target = target.parentWidget()
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(each)) for each in files])
        where = QPointF(target.rect().center())
        buttons, no_keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier

        def let_go() -> None:
            entering = QDragEnterEvent(where, Qt.DropAction.CopyAction, data, buttons, no_keys)
            QApplication.sendEvent(target, entering)
            assert entering.isAccepted(), "files are not taken here"
            QApplication.sendEvent(target, QDropEvent(where, Qt.DropAction.CopyAction, data, buttons, no_keys))

        self._act(f"drop {len(files)} files", let_go)

    def sign(self, name: str, kind: type[QWidget] = QWidget) -> None:
        """Draw a signature on the pad that is called so: one action."""
        pad = self.find(name, kind)
        path = [QPoint(40, 40), QPoint(70, 70), QPoint(100, 30), QPoint(140, 60), QPoint(180, 35)]

        def draw() -> None:
            QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, path[0])
            for point in path[1:]:
                QTest.mouseMove(pad, point)
            QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, path[-1])

        self._act(f"sign {name}", draw)

    def wait(self) -> None:
        """Wait until every job has come back and the screen is at rest."""
        self.wait_until(lambda: self.window.tasks.under_way == 0 and not self.window.opening)

    def wait_until(self, reached: Callable[[], bool]) -> None:
        """Let the event loop run, round by round, until something is so and stays so for three rounds."""
        deadline = time.monotonic() + PATIENCE_S
        quiet = 0
        while quiet < 3:
            with self.watch.measuring(self.last):
                QCoreApplication.processEvents()
                QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            reached_now = reached()
            quiet = quiet + 1 if reached_now else 0
            if not reached_now:
                # Gives the workers the processor; nothing is measured by this.
                QTest.qWait(1)
            assert time.monotonic() < deadline, (
                f"the window did not come to rest after {self.last}; it says {self.texts()}"
            )

    def picture(self, path: Path) -> None:
        """Save what the person sees."""
        path.parent.mkdir(parents=True, exist_ok=True)
        assert self.window.grab().save(str(path))

    def _act(self, what: str, act: Callable[[], None]) -> None:
        self.last = what
        self.actions += 1
        with self.watch.measuring(what):
            act()
        self.wait()

"""The admin's input elements for forms of our own."""

from typing import Any

from django import forms
from unfold import widgets

_NO_HISTORY = {"autocomplete": "off", "spellcheck": "false"}  # a browser must not remember a person's address


def line(**attrs: Any) -> forms.Widget:
    """One line of text."""
    widget: forms.Widget = widgets.UnfoldAdminTextInputWidget(attrs=_NO_HISTORY | attrs)
    return widget


def lines(rows: int, **attrs: Any) -> forms.Widget:
    """Several lines of text."""
    widget: forms.Widget = widgets.UnfoldAdminTextareaWidget(attrs=_NO_HISTORY | {"rows": rows} | attrs)
    return widget


def select() -> forms.Select:
    widget: forms.Select = widgets.UnfoldAdminSelectWidget()
    return widget


def radio() -> forms.RadioSelect:
    widget: forms.RadioSelect = widgets.UnfoldAdminRadioSelectWidget()
    return widget


def checkboxes() -> forms.CheckboxSelectMultiple:
    widget: forms.CheckboxSelectMultiple = widgets.UnfoldAdminCheckboxSelectMultipleWidget()
    return widget


def checkbox() -> forms.CheckboxInput:
    widget: forms.CheckboxInput = widgets.UnfoldBooleanWidget()
    return widget


def colour() -> forms.Widget:
    """The browser's own choice of a colour."""
    widget: forms.Widget = widgets.UnfoldAdminColorInputWidget()
    return widget


def file() -> forms.FileInput:
    """A file of the person's own machine. Unfold's script writes its name into the first text field it finds: its own
    widget has one for that."""
    widget: forms.FileInput = widgets.UnfoldAdminFileFieldWidget()
    return widget


def day() -> forms.DateInput:
    """A day, by the browser's own picker."""
    classes = " ".join(widgets.DATETIME_CLASSES)
    return forms.DateInput(attrs={"type": "date", "class": f"{classes} max-w-2xl"}, format="%Y-%m-%d")


def moment() -> forms.DateTimeInput:
    """A date and a time, by the browser's own picker."""
    classes = " ".join(widgets.DATETIME_CLASSES)
    return forms.DateTimeInput(
        attrs={"type": "datetime-local", "class": f"{classes} max-w-2xl"}, format="%Y-%m-%dT%H:%M"
    )

"""`make demo` against a running instance."""

from tests.instance import Instance


def test_the_demo_shows_the_main_job(running: Instance) -> None:
    shown = running.manage("demo")
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("→ denied") >= 3
    assert "over a fresh TLSv1.3 connection" in shown.stdout
    assert "pressed by, as evidence: provider.gmail, provider.one_click" in shown.stdout
    assert "Every no was obeyed" in shown.stdout


def test_without_an_instance_the_demo_says_so_in_a_line(running: Instance) -> None:
    shown = running.manage("demo", SAYSO_URL="http://127.0.0.1:1")
    assert shown.returncode != 0
    assert "make up" in shown.stderr
    assert "Traceback" not in shown.stderr

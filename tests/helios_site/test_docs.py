"""What the documents say is so."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.urls import Resolver404, resolve

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = (ROOT / "helios_site" / "settings.py").read_text()
README = (ROOT / "README.md").read_text()
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]

READ = set(re.findall(r'(?:env\.\w+|number|choice)\(\s*"([A-Z_]+)"', SETTINGS))
READ -= {"HELIOS_TEST_DATABASE"}  # for tests only


def test_the_readme_lists_exactly_the_variables_that_are_read():
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", README, re.MULTILINE)) == READ


def test_the_example_of_an_environment_lists_them_too():
    text = (ROOT / ".env.example").read_text()
    assert set(re.findall(r"^#([A-Z_]+)=", text, re.MULTILINE)) == READ


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_to_a_file(document):
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", document.read_text()):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_command_that_is_named_exists(document):
    named = set(re.findall(r"manage\.py (\w+)", document.read_text()))
    assert named <= {"help", *get_commands()}


def test_the_commands_of_the_readme_s_table_exist():
    table = README.partition("| command |")[2].partition("## Settings")[0]
    cells = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    named = {name for cell in cells for name in re.findall(r"`(\w+)", cell)}
    assert len(named) > 8
    assert named <= {"help", *get_commands()}


def test_every_address_of_the_tour_exists():
    for address in re.findall(r"\(`(/[^`]*)`\)", README):
        try:
            resolve(address)
        except Resolver404:
            pytest.fail(f"README.md names {address}")


def test_every_target_of_make_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        for name in re.findall(
            r"(?:`|^)(?:[A-Z]+=\S+ )*make ([a-z]+)", document.read_text(), re.M
        ):
            assert name in targets, f"{document.name} names make {name}"


def test_every_check_is_explained():
    checks = (ROOT / "helios_site" / "checks.py").read_text()
    operations = (ROOT / "docs" / "operations.md").read_text()
    for number in re.findall(r'id="(helios\.\w+)"', checks):
        assert f"| {number} |" in operations
        test = number.removeprefix("helios.").lower()
        assert f"def test_{test}_" in (ROOT / "tests/helios_site/test_checks.py").read_text()

"""Who may decide, and what the duty office does: beside each template, and never in what is sent."""

from zalo_alert.library.load import load_library
from zalo_alert.library.template import Stage


def test_every_template_says_what_the_office_does_and_by_level_who_decides():
    for template in load_library(None).every():
        assert template.steps, template.name
        assert bool(template.decides) is (template.level is not None and not template.is_drill), template.name


def test_none_of_it_is_sent():
    template = load_library(None).find("bao", Stage.EVACUATE, 4, is_drill=False)
    sent = "\n".join((template.headline, template.text, template.correction, *template.all_clear))

    for line in (template.decides, *template.steps):
        assert line not in sent

"""The whole story, small: what a newcomer sees first must never break unseen."""

import pytest

pytestmark = pytest.mark.english


@pytest.mark.slow
@pytest.mark.kill
def test_the_demo_tells_its_story_to_the_end(empty_desk):
    result = empty_desk.run("demo", "--people", "6000")
    assert result.code == 0, result.err
    assert "the report and the sandbox agree, person by person" in result.said

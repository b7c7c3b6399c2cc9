"""Whole stories are played through the real matching and actions and end as customers expect."""

import pytest

from tests.tickets.stories import STORIES
from tests.tickets.storytelling import Story, complaints
from tickets.predictions.dialogues import predict


@pytest.mark.django_db
@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.kind}: {story.title}")
def test_story_ends_as_its_customers_expect(story: Story) -> None:
    prediction = predict(story.row())

    assert complaints(story, prediction) == []


def test_no_two_stories_share_a_title() -> None:
    titles = [story.title for story in STORIES]

    assert sorted(titles) == sorted(set(titles))

"""The shape of what stands above an article's text, between two lines of ---."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from zalo_alert.articles.article import MAX_AUTHOR, MAX_DESCRIPTION, MAX_TITLE


class ArticleForm(BaseModel):
    """A key that is none of these is a fault."""

    model_config = ConfigDict(extra="forbid", strict=True)

    title: Annotated[str, Field(min_length=1, max_length=MAX_TITLE)]
    description: Annotated[str, Field(min_length=1, max_length=MAX_DESCRIPTION)]
    author: Annotated[str, Field(min_length=1, max_length=MAX_AUTHOR)]
    cover: Annotated[str, Field(min_length=1)]
    comment: bool = False

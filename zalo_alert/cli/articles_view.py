"""Shows what became of articles on OAs' pages, and where they stand."""

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from zalo_alert.articles.store import Standing, Status
from zalo_alert.cli.display import display
from zalo_alert.errors import Cure, Interrupted, PartlyDone
from zalo_alert.foundation.clock import SystemClock, instant, iso_text
from zalo_alert.foundation.steps import StepReporter
from zalo_alert.language import _, _n, count, joined, span
from zalo_alert.operations.articles import GOOD, ArticleSource, Doing, Ending, Result, Row, Telling

MOST_TOLD = 40  # OAs that are told of one by one: nobody reads further, and --json has all of them

_STATUS = {
    Status.ASKED: _("unknown"), Status.UNKNOWN: _("unknown"), Status.MAKING: _("being made"), Status.SHOWN: _("shown"),
    Status.HIDDEN: _("hidden"), Status.REFUSED: _("not there"), Status.GONE: _("removed on the OA's page"),
}  # fmt: skip


class ArticlesView:
    """Tells of each OA as it ends, and of all of them at the end.

    Args:
        doing: What is done.
        on_step: Shows how far it is.
    """

    def __init__(self, doing: Doing, on_step: StepReporter) -> None:
        self._doing, self._told = doing, 0
        self.telling = Telling(self._on_result, on_step, display.notice)

    def _on_result(self, result: Result) -> None:
        standing = result.standing
        display.fact(
            "article-result", article=result.job.name, account=result.job.account.id, doing=self._doing, ending=result.ending,
            status=standing.status, article_id=standing.article_id, code=standing.code, why=result.why,
        )  # fmt: skip
        if result.ending in GOOD or result.ending is Ending.NOT_BEGUN:
            return
        self._told += 1
        if self._told <= MOST_TOLD:
            style = "yellow" if result.ending in {Ending.DIFFERS, Ending.UNKNOWN} else "red"
            sentence = _("{article} on {account}: {why}", article=result.job.name, account=result.job.account.id, why=result.why)
            display.say(sentence, style=style)

    def conclude(self, results: Sequence[Result]) -> None:
        """Say what came of all of them.

        Raises:
            Interrupted: Somebody has stopped it.
            PartlyDone: Some are not as asked.
        """
        endings = Counter(result.ending for result in results)
        display.fact("articles-done", doing=self._doing, **{ending.replace("-", "_"): endings[ending] for ending in Ending})
        if self._told > MOST_TOLD:
            display.say(
                _("and {more} more; {json} tells of all of them", more=count(self._told - MOST_TOLD), json=Cure.OPTION(json=True))
            )
        display.done(self._sum(endings))
        if endings[Ending.NOT_BEGUN]:
            raise Interrupted(_("interrupted"), hint=_("given again, it goes on with those that are left"))
        bad = [result for result in results if result.ending not in GOOD]
        if bad:
            raise PartlyDone(
                _n("{count} page is not as asked", "{count} pages are not as asked", len(bad), count=count(len(bad))),
                hint=self._cure({result.ending for result in bad}),
            )

    def _sum(self, endings: Counter[Ending]) -> str:
        parts = [_WORDS[self._doing](endings[Ending.DONE])]
        told = {
            Ending.ALREADY: _("so before: {count}", count=count(endings[Ending.ALREADY])),
            Ending.NOT_THERE: _("does not stand there: {count}", count=count(endings[Ending.NOT_THERE])),
            Ending.DIFFERS: _("with another text: {count}", count=count(endings[Ending.DIFFERS])),
            Ending.UNKNOWN: _("unknown: {count}", count=count(endings[Ending.UNKNOWN])),
            Ending.FAILED: _("failed: {count}", count=count(endings[Ending.FAILED])),
            Ending.NOT_BEGUN: _("left: {count}", count=count(endings[Ending.NOT_BEGUN])),
        }
        return joined([*parts, *(sentence for ending, sentence in told.items() if endings[ending])], "; ")

    def _cure(self, bad: set[Ending]) -> str:
        if Ending.UNKNOWN in bad:
            again = Cure.OPTION(retry_unknown=True)
            return _("look at the OA's page; where nothing stands, {again} makes it again", again=again)
        if bad == {Ending.DIFFERS}:
            return _("{update} changes what stands there", update=Cure.ARTICLES_UPDATE("articles/….md"))
        return _("each is named above; given again, it goes on with those that are left")


def _published(n: int) -> str:
    return _n("published on {count} page", "published on {count} pages", n, count=count(n))


def _changed(n: int) -> str:
    return _n("changed on {count} page", "changed on {count} pages", n, count=count(n))


def _hidden(n: int) -> str:
    return _n("hidden on {count} page", "hidden on {count} pages", n, count=count(n))


_WORDS = {Doing.PUBLISH: _published, Doing.UPDATE: _changed, Doing.HIDE: _hidden}


def show_rows(rows: Sequence[Row], *, with_accounts: bool) -> None:
    """Show where articles stand; page by page where somebody has named pages."""
    for row in rows:
        _tell_row(row)
    columns = (_("article"), _("title"), _("shown"), _("hidden"), _("unknown"), _("not there"), _("read"), _("changed"))
    display.table("", columns, [_cells(row) for row in rows], whole=1)
    if not rows:
        display.say(_("no article was published yet"), style="dim")
    if with_accounts:
        names = (_("account"), _("article"), _("stands"), _("read"), "")
        standings = [standing for row in rows for standing in row.standings]
        display.table("", names, [_standing_cells(standing) for standing in standings], whole=1)
    _warn_of_unknown(sum(row.count(Status.UNKNOWN, Status.ASKED) for row in rows))


def _warn_of_unknown(n: int) -> None:
    if n:
        sentence = _n(
            "of {count} page nobody knows whether it stands there", "of {count} pages nobody knows whether it stands there", n,
            count=count(n),
        )  # fmt: skip
        display.say(sentence, style="yellow")


def _tell_row(row: Row) -> None:
    display.fact(
        "article", article=row.name, title=row.title, views=row.views, changed_at=iso_text(row.changed_s),
        **{status.value: row.count(status) for status in Status},
    )  # fmt: skip
    for standing in row.standings:
        looked_at = None if standing.looked_s is None else iso_text(standing.looked_s)
        display.fact(
            "article-standing", article=row.name, account=standing.account, status=standing.status,
            article_id=standing.article_id, digest=standing.digest, views=standing.views, code=standing.code, why=standing.why,
            changed_at=iso_text(standing.changed_s), looked_at=looked_at,
        )  # fmt: skip


def _cells(row: Row) -> tuple[object, ...]:
    ago = SystemClock().now() - instant(row.changed_s)
    return (
        row.name,
        row.title if len(row.title) <= 40 else f"{row.title[:39]}…",
        row.count(Status.SHOWN),
        row.count(Status.HIDDEN),
        row.count(Status.UNKNOWN, Status.ASKED, Status.MAKING),
        row.count(Status.REFUSED, Status.GONE),
        "" if row.views is None else row.views,
        _("{span} ago", span=span(max(ago, timedelta()))),
    )


def _standing_cells(standing: Standing) -> tuple[object, ...]:
    views = "" if standing.views is None else standing.views
    return (standing.account, standing.name, _STATUS[standing.status], views, standing.why)


def show_sound(source: ArticleSource, *, is_clean: bool) -> None:
    """Say that an article is sound, and what of its file it has not; `is_clean` is whether its words hold nothing wrong."""
    article = source.article
    display.fact(
        "article-file", file=str(source.path), article=source.name, title=article.title, author=article.author,
        digest=source.digest, blocks=len(article.body), pictures=len(source.pictures),
        characters=sum(len(block.content) for block in article.body),
    )  # fmt: skip
    for remark in article.remarks:
        display.fact(
            "remark", file=remark.file, line=remark.line, column=remark.column, field=remark.field, message=remark.message
        )
        display.say(joined(filter(None, (remark.place, remark.message)), "  "), style="yellow")
    parts = _n("{count} part", "{count} parts", len(article.body), count=count(len(article.body)))
    pictures = _n("{count} picture", "{count} pictures", len(source.pictures), count=count(len(source.pictures)))
    fields = {"file": source.path, "title": article.title, "parts": joined((parts, pictures))}
    if is_clean:
        display.done(_('{file}: "{title}" is sound ({parts})', **fields))
    else:
        display.done(_('{file}: "{title}" is not to be published as it is worded ({parts})', **fields))

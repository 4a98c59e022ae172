"""What sells now of each topic: the articles that are mostly about it, most units first."""

import datetime as dt

import ibis

from hm_assets.recommendations.lists import LENGTH


def articles_of_topics(
    lines: ibis.Table,
    topics: ibis.Table,
    articles: ibis.Table,
    names: ibis.Table,
    month: dt.date,
    as_of: dt.date,
) -> ibis.Table:
    """Rows of `recommendations/topic_articles` of a month.

    Parameters
    ----------
    lines
        `raw/transactions`; those after `as_of` and those without a price are left out.
    topics, articles, names
        `articles/topics`, `articles/articles`, and the used method's rows of `articles/topic_catalogue`.
    month, as_of
        The month, and its last day that is known.
    """
    since = lines.filter(
        (lines.t_dat >= ibis.literal(month, "date"))
        & (lines.t_dat <= ibis.literal(as_of, "date"))
        & (lines.price > 0)
    )
    sold = since.group_by("article_key").agg(units=since.count())
    numbered = [column for column in topics.columns if column.startswith("topic_")]
    shares = topics.select("article_key", *numbered).pivot_longer(
        numbered, names_to="topic", names_pattern=r"topic_(\d+)", names_transform=int, values_to="share"
    )
    shares = shares.filter(shares.share > 0).mutate(topic=shares.topic.cast("int32"))
    largest = ibis.row_number().over(
        ibis.window(group_by="article_key", order_by=[ibis.desc("share"), ibis.asc("topic")])
    )
    mostly = shares.mutate(place=largest).filter(ibis._.place == 0).drop("place")
    found = mostly.inner_join(sold, "article_key")
    place = ibis.row_number().over(
        ibis.window(
            group_by="topic", order_by=[ibis.desc("units"), ibis.desc("share"), ibis.asc("article_key")]
        )
    )
    found = found.mutate(rank=place + 1).filter(ibis._.rank <= LENGTH)
    told = articles.select("article_key", "article_id", name="prod_name", type="product_type_name")
    found = found.inner_join(told, "article_key").inner_join(
        names.select("topic", topic_name="name"), "topic"
    )
    return found.mutate(as_of=ibis.literal(as_of, "date"), month=ibis.literal(month, "date"))

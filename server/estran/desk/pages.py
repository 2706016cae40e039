"""The desk's routers, one per subject."""

from litestar import Router

from estran.desk import (
    candidates_pages,
    dashboard,
    history_page,
    house_page,
    inbox_pages,
    lists_pages,
    people,
    public,
    renewals_pages,
    venues_pages,
    visits_pages,
)

routers: list[Router] = [
    *public.routers,
    *dashboard.routers,
    *people.routers,
    *candidates_pages.routers,
    *renewals_pages.routers,
    *lists_pages.routers,
    *venues_pages.routers,
    *visits_pages.routers,
    *inbox_pages.routers,
    *house_page.routers,
    *history_page.routers,
]

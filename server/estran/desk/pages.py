"""The desk's routers, one per subject."""

from litestar import Router

from estran.desk import (
    dashboard,
    history_page,
    house_page,
    inbox_pages,
    people,
    privacy_pages,
    settings_pages,
    venues_pages,
    visits_pages,
)

routers: list[Router] = [
    *dashboard.routers,
    *people.routers,
    *venues_pages.routers,
    *visits_pages.routers,
    *inbox_pages.routers,
    *house_page.routers,
    *settings_pages.routers,
    *privacy_pages.routers,
    *history_page.routers,
]

"""The desk's routers, one per subject."""

from litestar import Router

from estran.desk import (
    candidates_pages,
    dashboard,
    handover_pages,
    history_page,
    house_page,
    inbox_pages,
    invite_pages,
    lists_pages,
    manifesto_pages,
    people,
    privacy_pages,
    renewals_pages,
    rights_pages,
    scanners,
    search_page,
    settings_pages,
    sheet_page,
    venues_pages,
    visits_pages,
    ways_pages,
)

routers: list[Router] = [
    *dashboard.routers,
    *people.routers,
    *invite_pages.routers,
    *candidates_pages.routers,
    *renewals_pages.routers,
    *lists_pages.routers,
    *manifesto_pages.routers,
    *rights_pages.routers,
    *handover_pages.routers,
    *venues_pages.routers,
    *sheet_page.routers,
    *ways_pages.routers,
    *scanners.routers,
    *visits_pages.routers,
    *inbox_pages.routers,
    *house_page.routers,
    *settings_pages.routers,
    *privacy_pages.routers,
    *history_page.routers,
    *search_page.routers,
]

"""The web application: routes, middleware, lifespan. `create_app(settings)` is all a server needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

import market.app.handlers  # noqa: F401 # pyright: ignore[reportUnusedImport] - registers handlers and duties
from market.accounts.sessions import SessionMiddleware
from market.app.navigation import home_of, navigation
from market.app.routes import routes
from market.app.wiring import open_tools
from market.db.config import connect, disconnect
from market.errors import DomainError
from market.outbox import maintenance, worker
from market.outbox.tools import Tools
from market.settings import Settings
from market.web import page_cache, problems, urls
from market.web.page_cache import PageCache
from market.web.routing import ByWord
from market.web.security import GuardedCookies, SecurityHeaders


def create_app(settings: Settings, *, with_worker: bool = False, tools: Tools | None = None) -> Starlette:
    """An ASGI app over the database of `settings`. `with_worker` runs the outbox inside the same process."""
    all_routes = routes()
    urls.learn(all_routes)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None]:
        await connect(settings.database_url, settings.pool_size)
        stop = asyncio.Event()
        try:
            await maintenance.look_if_possible()
            async with open_tools(settings) as adapters:
                app.state.tools = adapters
                task = (
                    asyncio.create_task(worker.run_forever(stop, adapters, guests_first=True))
                    if with_worker
                    else None
                )
                watch = asyncio.create_task(maintenance.watch(stop, page_cache.forget))
                try:
                    yield
                finally:
                    stop.set()
                    beside = [watch] if task is None else [watch, task]
                    for one in beside:
                        one.cancel()
                    await asyncio.gather(*beside, return_exceptions=True)
        finally:
            await disconnect()

    app = Starlette(
        routes=[ByWord(all_routes)],
        lifespan=lifespan,
        middleware=[
            Middleware(SecurityHeaders, settings=settings),
            *([Middleware(GuardedCookies)] if settings.secure else []),
            Middleware(TrustedHostMiddleware, allowed_hosts=list(settings.allowed_hosts)),
            Middleware(GZipMiddleware, minimum_size=600, compresslevel=4),
            Middleware(PageCache),
            Middleware(SessionMiddleware),
        ],
        exception_handlers={
            DomainError: problems.domain_error,
            HTTPException: problems.http_error,
            Exception: problems.unexpected,
        },
    )
    if tools is not None:
        app.state.tools = tools
    app.state.demo = settings.demo
    app.state.navigation = navigation
    app.state.home_of = home_of
    return app

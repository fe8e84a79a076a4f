import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse

from market.outbox.tools import Tools
from market.settings import Settings


@pytest.fixture
def tools(settings):
    from market.notifications.mailer import Mailer, build_mailer

    return Tools({Settings: settings, Mailer: build_mailer(settings)})


@pytest.fixture
def app(db, settings, tools):
    from starlette.exceptions import HTTPException

    from market.accounts.pages import routes as a
    from market.accounts.sessions import SessionMiddleware
    from market.app.pages import routes as own
    from market.errors import DomainError
    from market.notifications.pages import routes as n
    from market.web import problems, urls
    from market.web.guards import ANYONE, HOST, OPERATOR, page
    from market.web.security import SecurityHeaders

    async def stub(request):

        return PlainTextResponse("stub")

    stubs = [
        page(p, stub, access=a_, name=n_)
        for p, n_, a_ in [
            ("/{locale}/", "discovery:home", ANYONE),
            ("/{locale}/search", "discovery:search", ANYONE),
            ("/{locale}/money", "discovery:money", ANYONE),
            ("/{locale}/trips", "bookings:trips", ANYONE),
            ("/{locale}/host/", "console:host", HOST),
            ("/{locale}/operator/", "console:operator", OPERATOR),
        ]
    ]
    routes = [*own, *a, *n, *stubs]
    urls.learn(routes)
    from market.app.navigation import home_of, navigation

    app = Starlette(
        routes=routes,
        max_body_size=1 << 20,
        middleware=[Middleware(SecurityHeaders, settings=settings), Middleware(SessionMiddleware)],
        exception_handlers={DomainError: problems.domain_error, HTTPException: problems.http_error},
    )
    app.state.tools = tools
    app.state.demo = settings.demo
    app.state.navigation = navigation
    app.state.home_of = home_of
    return app

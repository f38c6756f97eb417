"""What a request asks for in its address and a route does not know."""

import pytest

from tests.night import CAMPAIGN
from tests.unit.api.conftest import Api


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("/campaigns?lmit=2", "query parameter \"lmit\" is unknown; did you mean 'limit'? choose from status, name, parts, limit, cursor"),
        (f"/campaigns/{CAMPAIGN}/trials?before=3", 'query parameter "before" is unknown; choose from after, limit'),
        (f"/campaigns/{CAMPAIGN}?full=1", 'query parameter "full" is unknown; there are none to choose from; leave it out'),
        ("/campaigns?limit=2&cursor=x&a=1&b=2", 'query parameter "b" is unknown'),
    ],
)
def test_a_parameter_that_a_route_does_not_know_is_refused_with_the_nearest_it_does(api: Api, address: str, says: str) -> None:
    answer = api.client().get(f"/api/v1{address}")
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/unknown-parameter")
    assert says in answer.json()["detail"]


def test_whoever_is_not_logged_in_learns_that_first(api: Api) -> None:
    assert api.client(None).get("/api/v1/campaigns?lmit=2").status_code == 401

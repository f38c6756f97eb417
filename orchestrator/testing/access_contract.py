"""What every store of keys, login links and remembered answers must do."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from orchestrator.domain.access import ApiKey, LoginLink, RememberedAnswer, Role
from orchestrator.domain.ports import Ledger
from orchestrator.testing.fakes import EVENING

_N_AT_ONCE = 8


def make_key(**changes: object) -> ApiKey:
    usual: dict[str, object] = {
        "id": "abcd2345",
        "name": "beamline",
        "role": Role.OPERATOR,
        "secret_sha256": "a" * 64,
        "created_by": "human:ada",
        "created_at": EVENING,
        "expires_at": EVENING + timedelta(days=1),
    }
    return ApiKey.model_validate({**usual, **changes})


def make_link(**changes: object) -> LoginLink:
    usual: dict[str, object] = {"token_sha256": "b" * 64, "name": "ada", "role": Role.ADMIN, "expires_at": EVENING + timedelta(minutes=10)}
    return LoginLink.model_validate({**usual, **changes})


def make_answer(**changes: object) -> RememberedAnswer:
    usual: dict[str, object] = {"key": "ada:1", "request_sha256": "c" * 64, "at": EVENING}
    return RememberedAnswer.model_validate({**usual, **changes})


class AccessContract:
    """Mixed into a store's contract; uses its ``ledger``."""

    def test_a_key_comes_back_as_it_was_made(self, ledger: Ledger):
        ledger.access.add_key(make_key())
        assert ledger.access.key("abcd2345") == make_key()
        assert ledger.access.key("zzzz2345") is None

    def test_keys_are_listed_newest_first(self, ledger: Ledger):
        ledger.access.add_key(make_key())
        ledger.access.add_key(make_key(id="efgh2345", created_at=EVENING + timedelta(hours=1)))
        first, second = ledger.access.keys()
        assert (first.id, second.id) == ("efgh2345", "abcd2345")

    def test_a_key_is_revoked_once_and_stays_listed(self, ledger: Ledger):
        ledger.access.add_key(make_key())
        assert ledger.access.revoke_key("abcd2345", EVENING)
        assert not ledger.access.revoke_key("abcd2345", EVENING + timedelta(hours=1))
        (key,) = ledger.access.keys()
        assert key.revoked_at == EVENING
        assert not key.is_valid(EVENING)

    def test_an_unknown_key_cannot_be_revoked(self, ledger: Ledger):
        assert not ledger.access.revoke_key("zzzz2345", EVENING)

    def test_when_a_key_was_last_used_is_remembered(self, ledger: Ledger):
        ledger.access.add_key(make_key())
        ledger.access.touch_key("abcd2345", EVENING + timedelta(minutes=5))
        key = ledger.access.key("abcd2345")
        assert key is not None
        assert key.last_used_at == EVENING + timedelta(minutes=5)

    def test_a_link_works_once(self, ledger: Ledger):
        ledger.access.add_link(make_link())
        assert ledger.access.use_link("b" * 64, EVENING) == make_link()
        assert ledger.access.use_link("b" * 64, EVENING) is None

    def test_an_expired_link_does_not_work(self, ledger: Ledger):
        ledger.access.add_link(make_link())
        assert ledger.access.use_link("b" * 64, EVENING + timedelta(minutes=10)) is None

    def test_of_browsers_at_once_one_gets_the_link(self, ledger: Ledger):
        ledger.access.add_link(make_link())
        with ThreadPoolExecutor(_N_AT_ONCE) as pool:
            used = list(pool.map(lambda _: ledger.access.use_link("b" * 64, EVENING), range(_N_AT_ONCE)))
        assert sum(link is not None for link in used) == 1

    def test_an_answer_is_remembered(self, ledger: Ledger):
        assert ledger.access.begin_answer(make_answer()) is None
        assert ledger.access.begin_answer(make_answer(request_sha256="d" * 64)) == make_answer()
        ledger.access.finish_answer("ada:1", 201, "{}")
        assert ledger.access.begin_answer(make_answer()) == make_answer(status=201, body="{}")

    def test_a_request_that_failed_may_be_sent_again(self, ledger: Ledger):
        ledger.access.begin_answer(make_answer())
        ledger.access.forget_answer("ada:1")
        assert ledger.access.begin_answer(make_answer()) is None

    def test_of_requests_at_once_one_is_carried_out(self, ledger: Ledger):
        with ThreadPoolExecutor(_N_AT_ONCE) as pool:
            claims = list(pool.map(lambda _: ledger.access.begin_answer(make_answer()), range(_N_AT_ONCE)))
        assert claims.count(None) == 1

    def test_old_answers_and_links_are_forgotten(self, ledger: Ledger):
        ledger.access.begin_answer(make_answer())
        ledger.access.add_link(make_link())
        ledger.access.forget_before(EVENING + timedelta(days=1))
        assert ledger.access.begin_answer(make_answer()) is None
        assert ledger.access.use_link("b" * 64, EVENING) is None

    @pytest.mark.parametrize("at", [EVENING, EVENING + timedelta(microseconds=1)])
    def test_what_is_young_enough_is_kept(self, ledger: Ledger, at: object):
        ledger.access.begin_answer(make_answer(at=at))
        ledger.access.forget_before(EVENING)
        assert ledger.access.begin_answer(make_answer(at=at)) is not None

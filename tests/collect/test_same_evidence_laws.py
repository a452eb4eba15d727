"""Whatever the records, every engine finds the evidence that log files hold."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.collect.sql_world import FEDERATED, TRAIL_TABLE, differences, from_files, from_sql
from tests.collect.strategies import ROSTERS, WINDOWS, deliveries
from tests.fakes.trino_embedded import Embedded

TABLES = st.sampled_from([TRAIL_TABLE, FEDERATED])
ENGINE = Embedded()


patient = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
"""Records are large, and a busy machine makes them slowly: that is no reason to fail."""


@patient
@given(deliveries(), ROSTERS, WINDOWS, TABLES)
def test_every_engine_finds_what_log_files_hold(tmp_path_factory, records, roster, window, table):
    here = from_files(tmp_path_factory.mktemp("logs"), records, roster, window)
    assert differences(here, from_sql(ENGINE, table, records, roster, window)) == []

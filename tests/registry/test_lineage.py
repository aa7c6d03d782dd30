"""The chain of a version, both ways."""

from tests.registry.conftest import a_record


def test_the_chain_is_told_both_ways(api, make_version):
    oldest = make_version("egg")
    middle = make_version("owl", parent=oldest)
    make_version("lark", parent=middle)
    make_version("lark", parent=middle)
    chain = api.get("/api/models/owl/versions/1/lineage").json()
    names = [(row["modelName"], row["version"], row["distance"]) for row in chain]
    assert names == [("egg", 1, -1), ("owl", 1, 0), ("lark", 1, 1), ("lark", 2, 1)]


def test_a_version_from_nowhere_is_alone(api, make_version):
    make_version()
    assert [
        row["distance"] for row in api.get("/api/models/owl/versions/1/lineage").json()
    ] == [0]
    assert a_record().origin == {}


def test_a_wide_chain_costs_a_query_per_generation(
    api, make_version, django_assert_max_num_queries
):
    parent = make_version("egg")
    for n in range(6):
        make_version(f"owl-{n}", parent=parent)
    with django_assert_max_num_queries(6):
        assert len(api.get("/api/models/egg/versions/1/lineage").json()) == 7


def test_the_page_links_the_chain(signed_in, make_version):
    make_version("lark", parent=make_version("egg"))
    page = signed_in.get("/models/lark/?tab=lineage").content.decode()
    assert '/models/egg/?version=1&amp;tab=lineage"' in page

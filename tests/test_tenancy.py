"""One organization at a time: the filter on every read, the stamp on every new row."""

import pytest
from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import aliased, selectinload

from app.extensions import db
from app.models import Lead, LeadScoringRule, Membership, Organization, RuleSetVersion, Site, User
from app.tenancy import (
    ForeignRow,
    NoOrganization,
    OrganizationOwned,
    across_organizations,
    acting_for,
    acting_organization_id,
)
from tests.conftest import NOW
from tests.places import owned_models


@pytest.fixture
def leads(cast):
    """Lead ids: one at the clinic, one at the other business."""
    found = {}
    for organization in (cast.clinic, cast.other):
        with acting_for(organization):
            lead = Lead(email=f"one@{organization.slug}.example", created_at=NOW, updated_at=NOW)
            db.session.add(lead)
            db.session.flush()
            found[organization.slug] = lead.id
    db.session.commit()
    forget(Lead)
    return found


def forget(*models):
    """Makes the session load rows of these anew, as another request would."""
    for row in list(db.session):
        if isinstance(row, models) and row in db.session:
            db.session.expunge(row)


def emails(statement):
    return sorted(db.session.scalars(statement))


def test_a_query_outside_an_organization_is_an_error(leads):
    with pytest.raises(NoOrganization, match="Lead"):
        db.session.scalars(select(Lead))


def test_a_query_inside_sees_the_organizations_own_rows_only(cast, leads):
    with acting_for(cast.clinic):
        assert emails(select(Lead.email)) == ["one@clinic.example"]
    with acting_for(cast.other):
        assert emails(select(Lead.email)) == ["one@other.example"]


def test_an_organization_may_be_named_by_its_id(cast, leads):
    with acting_for(cast.other.id):
        assert acting_organization_id() == cast.other.id
        assert emails(select(Lead.email)) == ["one@other.example"]


def test_a_stranger_cannot_find_a_row_by_its_id(cast, leads):
    with acting_for(cast.other):
        assert db.session.scalar(select(Lead).where(Lead.id == leads["clinic"])) is None


def test_get_finds_no_stranger_in_a_fresh_session(cast, leads):
    with acting_for(cast.other):
        assert db.session.get(Lead, leads["clinic"]) is None


def test_acting_inside_acting_ends_where_it_began(cast, leads):
    with acting_for(cast.clinic):
        with acting_for(cast.other):
            assert emails(select(Lead.email)) == ["one@other.example"]
        assert emails(select(Lead.email)) == ["one@clinic.example"]
    with pytest.raises(NoOrganization):
        acting_organization_id()


def test_an_error_inside_leaves_the_organization_too(cast):
    with pytest.raises(ZeroDivisionError), acting_for(cast.clinic):
        1 / 0  # noqa: B018
    with pytest.raises(NoOrganization):
        acting_organization_id()


def test_the_same_statement_is_filtered_anew_for_each_organization(cast, leads):
    statement = select(Lead.email)
    for _ in range(3):  # SQLAlchemy caches compiled statements; the organization must not be cached
        for organization in (cast.clinic, cast.other):
            with acting_for(organization):
                assert emails(statement) == [f"one@{organization.slug}.example"]


def test_aggregates_count_the_organizations_own_rows_only(cast, leads):
    with acting_for(cast.clinic):
        assert db.session.scalar(select(func.count()).select_from(Lead)) == 1
        assert db.session.scalar(select(func.count(Lead.id))) == 1


def test_an_alias_is_filtered(cast, leads):
    other = aliased(Lead)
    with acting_for(cast.clinic):
        assert emails(select(other.email)) == ["one@clinic.example"]


def test_both_sides_of_a_join_are_filtered(cast, leads):
    other = aliased(Lead)
    with acting_for(cast.clinic):
        pairs = db.session.execute(select(Lead.email, other.email).join(other, Lead.id != 0)).all()
    assert [tuple(pair) for pair in pairs] == [("one@clinic.example", "one@clinic.example")]


def test_a_join_from_a_table_of_everybody_is_filtered(cast):
    with acting_for(cast.clinic):
        joined = select(User.email).join(Membership, Membership.user_id == User.id)
        assert emails(joined) == ["alice@example.com", "bob@example.com"]


def test_a_subquery_is_filtered(cast, leads):
    inner = select(Lead.email).subquery()
    with acting_for(cast.clinic):
        assert emails(select(inner.c.email)) == ["one@clinic.example"]


def test_a_common_table_expression_is_filtered(cast, leads):
    inner = select(Lead.email).cte()
    with acting_for(cast.clinic):
        assert emails(select(inner.c.email)) == ["one@clinic.example"]


def test_a_union_is_filtered_in_every_part(cast, leads):
    both = select(Lead.email).union_all(select(Lead.email))
    with acting_for(cast.clinic):
        assert emails(both) == ["one@clinic.example"] * 2


def test_a_scalar_subquery_and_exists_are_filtered(cast, leads):
    count = select(func.count(Lead.id)).scalar_subquery()
    strangers = exists().where(Lead.id == leads["other"])
    with acting_for(cast.clinic):
        assert db.session.scalar(select(count)) == 1
        named = select(Organization.slug).where(Organization.id == cast.clinic.id, strangers)
        assert db.session.scalar(named) is None


def test_a_hidden_use_outside_any_organization_finds_nothing(cast, leads):
    everybody = select(Organization.slug).where(exists().where(Lead.id == leads["clinic"]))
    assert db.session.scalars(everybody).all() == []


def test_a_lazy_relationship_loads_the_organizations_own_rows_only(cast):
    with acting_for(cast.clinic):
        rule_set = RuleSetVersion(kind="interaction", version=1, published_at=NOW)
        db.session.add(rule_set)
        db.session.flush()
        db.session.add(_rule(rule_set.id, "ours", cast.clinic.id))
        db.session.flush()
    # A row of another organization that points at ours cannot be written through the session,
    # so it is put there behind its back.
    db.session.execute(
        LeadScoringRule.__table__.insert().values(
            _plain(_rule(rule_set.id, "theirs", cast.other.id))
        )
    )
    db.session.commit()
    forget(RuleSetVersion, LeadScoringRule)
    with acting_for(cast.clinic):
        lazily = db.session.scalar(select(RuleSetVersion))
        assert [rule.name for rule in lazily.rules] == ["ours"]
        forget(RuleSetVersion, LeadScoringRule)
        eagerly = db.session.scalar(
            select(RuleSetVersion).options(selectinload(RuleSetVersion.rules))
        )
        assert [rule.name for rule in eagerly.rules] == ["ours"]


def _rule(rule_set_id, name, organization_id):
    return LeadScoringRule(
        organization_id=organization_id,
        rule_set_id=rule_set_id,
        code=name,
        name=name,
        kind="base",
        points=1,
        active=True,
        position=0,
    )


def _plain(row):
    return {c.key: getattr(row, c.key) for c in row.__table__.columns if c.key != "id"}


def test_an_update_reaches_the_organizations_own_rows_only(cast, leads):
    with acting_for(cast.clinic):
        db.session.execute(update(Lead).values(notes="seen"))
        db.session.commit()
    with acting_for(cast.other):
        assert db.session.scalar(select(Lead.notes)) is None


def test_a_delete_reaches_the_organizations_own_rows_only(cast, leads):
    with acting_for(cast.clinic):
        db.session.execute(delete(Lead))
        db.session.commit()
    with across_organizations():
        assert emails(select(Lead.email)) == ["one@other.example"]


def test_updates_and_deletes_outside_an_organization_are_errors(leads):
    for statement in (update(Lead).values(notes="x"), delete(Lead)):
        with pytest.raises(NoOrganization):
            db.session.execute(statement)


def test_a_new_row_is_stamped(cast):
    with acting_for(cast.other):
        lead = Lead(email="new@example.com", created_at=NOW, updated_at=NOW)
        db.session.add(lead)
        db.session.flush()
    assert lead.organization_id == cast.other.id


def test_a_new_row_outside_an_organization_is_an_error(cast):
    db.session.add(Lead(email="new@example.com", created_at=NOW, updated_at=NOW))
    with pytest.raises(NoOrganization):
        db.session.flush()
    db.session.rollback()


def test_a_new_row_that_names_another_organization_is_refused(cast):
    with acting_for(cast.clinic):
        lead = Lead(
            organization_id=cast.other.id, email="x@example.com", created_at=NOW, updated_at=NOW
        )
        db.session.add(lead)
        with pytest.raises(ForeignRow):
            db.session.flush()
        db.session.rollback()


@pytest.mark.parametrize("change", ["edit", "delete"])
def test_a_row_of_another_organization_can_be_neither_changed_nor_deleted(cast, leads, change):
    with across_organizations():
        lead = db.session.scalar(select(Lead).where(Lead.id == leads["clinic"]))
    with acting_for(cast.other):
        if change == "edit":
            lead.notes = "mine now"
        else:
            db.session.delete(lead)
        with pytest.raises(ForeignRow):
            db.session.flush()
        db.session.rollback()


def test_a_row_cannot_be_given_away(cast, leads):
    with acting_for(cast.clinic):
        lead = db.session.scalar(select(Lead))
        lead.organization_id = cast.other.id
        with pytest.raises(ForeignRow):
            db.session.flush()
        db.session.rollback()


def test_crossing_organizations_is_possible_where_it_is_said(cast, leads):
    with across_organizations():
        assert len(emails(select(Lead.email))) == 2


def test_a_bulk_insert_without_an_organization_is_refused_by_the_database(cast):
    refused = pytest.raises(DBAPIError, match=r"(?i)not null|row-level security")
    with acting_for(cast.clinic), refused:
        db.session.execute(Site.__table__.insert().values(key="k", name="n", domain="d"))
    db.session.rollback()


def test_every_owned_table_has_the_organization_first_in_its_keys_and_indexes():
    """So that the data can be partitioned by it (docs/architecture.md); the named ones look up
    across organizations on purpose."""
    across = {"uq_sites_key", "uq_api_tokens_token_hash", "ix_memberships_user_id"}
    for mapper in db.Model.registry.mappers:
        if not issubclass(mapper.class_, OrganizationOwned):
            continue
        table = mapper.local_table
        keys = [
            (key.name, list(key.columns))
            for key in (*table.indexes, *table.constraints)
            if key.__class__.__name__ in ("Index", "UniqueConstraint")
        ]
        primary = list(table.primary_key.columns)
        if len(primary) > 1:
            keys.append((f"pk_{table.name}", primary))
        for name, columns in keys:
            if name not in across:
                assert columns[0].name == "organization_id", f"{table.name}: {name}"


def test_every_table_with_an_organization_is_marked_as_owned():
    owned = {
        m.local_table.name
        for m in db.Model.registry.mappers
        if issubclass(m.class_, OrganizationOwned)
    }
    for table in db.metadata.tables.values():
        if "organization_id" in table.columns:
            assert table.name in owned
            assert not table.columns["organization_id"].nullable


def test_postgres_itself_hides_strangers_rows_from_statements_that_no_filter_sees(cast):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    keys = text("SELECT key FROM sites ORDER BY key")
    with acting_for(cast.other):
        assert db.session.scalars(keys).all() == ["other-key"]
        changed = db.session.execute(text("UPDATE sites SET name = 'taken'"))
        assert changed.rowcount == 1
        db.session.rollback()
        assert db.session.scalars(keys).all() == ["other-key"]
    with acting_for(cast.clinic):
        assert db.session.scalars(keys).all() == ["clinic-key"]
        with pytest.raises(DBAPIError, match="row-level security"):
            db.session.execute(text(f"UPDATE sites SET organization_id = {cast.other.id}"))
        db.session.rollback()
    assert db.session.scalars(keys).all() == ["clinic-key", "other-key"]


def test_every_owned_table_has_row_level_security(app):
    if db.engine.dialect.name != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    owned = {m.__tablename__ for m in owned_models()}
    secured = text("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
    assert set(db.session.scalars(secured)) == owned
